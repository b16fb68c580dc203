// @vitest-environment happy-dom
/** The provider in happy-dom, a simulated browser in which developers test their components. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type SsoContext, SsoProvider, useSso } from './index.ts';

const SSO = 'https://sso.example.com';
const ada = { id: '1', username: 'ada', displayName: 'Ada Lovelace' };
const grace = { id: '2', username: 'grace', displayName: 'Grace Hopper' };

afterEach(() => {
  context = undefined;
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A site of one browser: who is signed in at the SSO service and at the app, and what was asked. */
function openSite(person: typeof ada | null) {
  const site = { there: person, here: person, isSsoDown: false, asked: [] as string[] };
  vi.stubGlobal('fetch', async (url: string, { method, body }: RequestInit) => {
    const { origin, pathname, search } = new URL(url);
    const request = body ? JSON.parse(String(body)).request : undefined;
    site.asked.push(`${method} ${request ?? pathname + search}`);
    if (origin === SSO) {
      if (site.isSsoDown) throw new TypeError('Failed to fetch');
      if (request === 'logout') site.there = null;
      return answer(site.there);
    }
    if (method !== 'DELETE') return answer(site.here);
    site.here = null;
    return Response.json({ status: 'signed out' }, { headers: { 'Sign-Out-Scope': 'site' } });
  });
  return site;
}

function answer(account: typeof ada | null): Response {
  return Response.json(account ? { status: 'signed in', account } : { status: 'signed out' });
}

/** What the page below the provider was given last. */
let context: SsoContext | undefined;

function Page() {
  context = useSso();
  return <p>{context.standing.status}</p>;
}

/** Renders a page, and waits until it knows who is signed in, or that it can't. */
async function render(options: Partial<Parameters<typeof SsoProvider>[0]> = {}): Promise<void> {
  const root = createRoot(document.createElement('div'));
  onTestFinished(() => root.unmount());
  root.render(
    <StrictMode>
      <SsoProvider ssoOrigin={SSO} {...options}>
        <Page />
      </SsoProvider>
    </StrictMode>,
  );
  await expect.poll(() => context && (context.standing.status !== 'unknown' || context.trouble)).toBeTruthy();
}

describe('the provider', () => {
  it('shows who is signed in, without anything of a browser but fetch', async () => {
    openSite(ada);
    await render();
    expect(context?.standing).toEqual({ status: 'signed in', account: ada });
    expect(context?.trouble).toBeNull();
  });

  it('signs out at once, and says that the SSO service has yet to be told', async () => {
    const site = openSite(ada);
    await render();
    site.isSsoDown = true;
    site.asked.length = 0;
    void context?.signOut();
    expect(site.asked).toEqual(['POST logout', 'DELETE /session?scope=site']);
    await expect.poll(() => context?.standing).toEqual({ status: 'password wanted', ended: 'here' });
    expect(context?.trouble).toEqual({ flow: 'sign-out', outcome: { status: 'sign-out pending' } });
  });

  it('asks the app where it has moved its paths', async () => {
    const site = openSite(ada);
    await render({ basePath: '/api' });
    expect(new Set(site.asked)).toEqual(new Set(['GET /api/session']));
  });

  it('says whom it showed before when somebody else has signed in meanwhile', async () => {
    const site = openSite(ada);
    await render();
    Object.assign(site, { here: grace, there: grace });
    void context?.signIn();
    const expected = { status: 'signed in', account: grace, replaced: ada };
    await expect.poll(() => context?.standing).toEqual(expected);
  });

  it('says that cookies are blocked, and asks nobody', async () => {
    const site = openSite(null);
    vi.spyOn(navigator, 'cookieEnabled', 'get').mockReturnValue(false);
    await render();
    expect(context?.trouble).toEqual({ flow: 'walk', outcome: { status: 'cookies blocked' } });
    expect(site.asked).toEqual([]);
  });

  it('refuses a wrong origin of the SSO service where it is rendered, as createSso does', () => {
    const render = () =>
      renderToString(
        <SsoProvider ssoOrigin={`${SSO}/`}>
          <p>Never shown</p>
        </SsoProvider>,
      );
    expect(render).toThrow(TypeError);
    expect(render).toThrow('ssoOrigin is "https://sso.example.com/"; expected');
  });

  it('renders on a server, where nothing is asked', () => {
    const site = openSite(ada);
    vi.stubGlobal('location', undefined);
    const text = renderToString(
      <SsoProvider ssoOrigin={SSO}>
        <p>Shown</p>
      </SsoProvider>,
    );
    expect(text).toBe('<p>Shown</p>');
    expect(site.asked).toEqual([]);
  });
});
