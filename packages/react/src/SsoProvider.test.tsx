// @vitest-environment happy-dom
/** The provider in happy-dom, a simulated browser in which developers test their components. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { SsoProvider, type StartedSso, type UseSsoResult, useSso } from './index.ts';
import { startSso } from './start.ts';

const SSO = 'https://sso.example.com';
const ada = { id: '1', username: 'ada', displayName: 'Ada Lovelace' };
const grace = { id: '2', username: 'grace', displayName: 'Grace Hopper' };

afterEach(() => {
  sso = undefined;
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** The accounts of the SSO session and of the app session, and the requests so far. */
function openSite(account: typeof ada | null) {
  const site = { ssoAccount: account, appAccount: account, isSsoDown: false, received: [] as string[] };
  vi.stubGlobal('fetch', async (url: string, { method, body }: RequestInit) => {
    const { origin, pathname, search } = new URL(url);
    const request = body ? JSON.parse(String(body)).request : undefined;
    site.received.push(`${method} ${request ?? pathname + search}`);
    if (origin === SSO) {
      if (site.isSsoDown) throw new TypeError('Failed to fetch');
      if (request === 'logout') site.ssoAccount = null;
      return sessionResponse(site.ssoAccount);
    }
    if (method !== 'DELETE') return sessionResponse(site.appAccount);
    site.appAccount = null;
    return Response.json({ status: 'signed out' }, { headers: { 'Sign-Out-Scope': 'site' } });
  });
  return site;
}

function sessionResponse(account: typeof ada | null): Response {
  return Response.json(account ? { status: 'signed in', account } : { status: 'signed out' });
}

/** The latest result of the hook. */
let sso: UseSsoResult | undefined;

function Page() {
  sso = useSso();
  return <p>{sso.status}</p>;
}

/** Renders a page, and waits until the first flow has ended. */
async function render(props: { basePath?: string; sso?: StartedSso } = {}) {
  const element = document.createElement('div');
  const root = createRoot(element);
  onTestFinished(() => root.unmount());
  const { sso: started, ...options } = props;
  root.render(
    <StrictMode>
      <SsoProvider {...(started ? { sso: started } : { ssoOrigin: SSO, ...options })}>
        <Page />
      </SsoProvider>
    </StrictMode>,
  );
  await expect.poll(() => sso && sso.status !== 'loading').toBe(true);
  return { root, element };
}

/** The browser has a passkey, which the person picks at once. */
function givenPasskey() {
  vi.stubGlobal('PublicKeyCredential', { parseRequestOptionsFromJSON: (options: object) => options });
  const get = async () => ({ id: 'YQ', toJSON: () => ({}) });
  Object.defineProperty(navigator, 'credentials', { configurable: true, value: { get } });
  onTestFinished(() => {
    Reflect.deleteProperty(navigator, 'credentials');
  });
}

/** The browser keeps the page in its back/forward cache. */
const freeze = () => window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }));

describe('the provider', () => {
  it('provides the signed-in account, and needs no browser feature but fetch', async () => {
    openSite(ada);
    await render();
    expect(sso).toMatchObject({ status: 'signed-in', account: ada, previousAccount: null, error: null });
  });

  it('is still signed in after a step-up was refused, and says why in the outcome alone', async () => {
    const site = openSite(ada);
    await render();
    vi.stubGlobal('fetch', async (_url: string, { body }: RequestInit) => {
      site.received.push(JSON.parse(String(body)).username);
      return Response.json({ code: 'invalid-credentials' }, { status: 401 });
    });
    const outcome = await sso?.stepUp({ password: 'a wrong password' });
    expect(outcome).toEqual({ status: 'invalid-credentials' });
    expect(sso).toMatchObject({ status: 'signed-in', account: ada, error: null, isPending: false });
    expect(site.received.at(-1)).toBe('ada');
  });

  it('names the account that it showed before a click signed in with another account’s passkey', async () => {
    openSite(ada);
    await render();
    givenPasskey();
    vi.stubGlobal('fetch', async (_url: string, { body }: RequestInit) => {
      const { request } = JSON.parse(String(body));
      if (request === 'passkey challenge')
        return Response.json({ publicKey: { challenge: 'YQ', rpId: 'example.com', timeout: 300_000 } });
      if (request === 'authentication token') return Response.json({ token: 'a.b.c', expiresIn: 30 });
      return sessionResponse(grace);
    });
    expect(await sso?.signInWithPasskey()).toEqual({ status: 'signed-in', account: grace });
    expect(sso).toMatchObject({ status: 'signed-in', account: grace, previousAccount: ada });
  });

  it('signs out at once, and reports that the SSO service hasn’t confirmed it', async () => {
    const site = openSite(ada);
    await render();
    site.isSsoDown = true;
    site.received.length = 0;
    void sso?.signOut();
    expect(site.received).toEqual(['POST logout', 'DELETE /session?scope=site']);
    await expect.poll(() => sso?.status).toBe('signed-out');
    const error = { during: 'sign-out', outcome: { status: 'sign-out-pending' } };
    expect(sso).toMatchObject({ sessionEnded: 'here', error });
  });

  it('uses the path that basePath names', async () => {
    const site = openSite(ada);
    await render({ basePath: '/api' });
    expect(site.received).toContain('GET /api/session');
    expect(site.received).not.toContain('GET /session');
  });

  it('names the account that it showed before another person signed in', async () => {
    const site = openSite(ada);
    await render();
    Object.assign(site, { appAccount: grace, ssoAccount: grace });
    void sso?.signInSilently();
    await expect.poll(() => sso).toMatchObject({ status: 'signed-in', account: grace, previousAccount: ada });
  });

  it('reports that cookies are blocked, and sends nothing', async () => {
    const site = openSite(null);
    vi.spyOn(navigator, 'cookieEnabled', 'get').mockReturnValue(false);
    await render();
    const error = { during: 'sign-in', outcome: { status: 'cookies-blocked' } };
    expect(sso).toMatchObject({ status: 'unavailable', error });
    expect(site.received).toEqual([]);
  });

  it('returns to "loading" at once when the browser freezes the page', async () => {
    openSite(ada);
    const { element } = await render();
    expect(element.textContent).toBe('signed-in');
    freeze();
    await Promise.resolve(); // No task: after the event's microtasks, the browser freezes the page.
    expect(element.textContent).toBe('loading');
  });

  it('throws at render if ssoOrigin is invalid, as createSso does', () => {
    const render = () =>
      renderToString(
        <SsoProvider ssoOrigin={`${SSO}/`}>
          <p>Never shown</p>
        </SsoProvider>,
      );
    expect(render).toThrow(TypeError);
    expect(render).toThrow('ssoOrigin is "https://sso.example.com/"; expected');
  });

  it('uses its options if sso is undefined', () => {
    const text = renderToString(
      <SsoProvider sso={undefined} ssoOrigin={SSO}>
        <p>Shown</p>
      </SsoProvider>,
    );
    expect(text).toBe('<p>Shown</p>');
  });

  it('renders on a server, and sends nothing there', () => {
    const site = openSite(ada);
    vi.stubGlobal('location', undefined);
    const text = renderToString(
      <SsoProvider ssoOrigin={SSO}>
        <p>Shown</p>
      </SsoProvider>,
    );
    expect(text).toBe('<p>Shown</p>');
    expect(site.received).toEqual([]);
  });
});

describe('a flow that has started before React', () => {
  it('sends nothing more when the provider mounts, which shows its outcome and its steps', async () => {
    const site = openSite(ada);
    const started = startSso({ ssoOrigin: SSO });
    await expect.poll(() => started.getSnapshot().status).toBe('signed-in');
    const before = site.received.length;
    await render({ sso: started });
    expect(sso).toMatchObject({ status: 'signed-in', account: ada, isPending: false });
    expect(sso?.steps[1]).toMatchObject({ state: 'done', status: 200 });
    expect(site.received).toHaveLength(before);
  });

  it('may end after the provider has mounted', async () => {
    openSite(null);
    await render({ sso: startSso({ ssoOrigin: SSO }) });
    expect(sso).toMatchObject({ status: 'signed-out' });
  });

  it('is watched from its start: a page frozen before React has loaded shows nobody', async () => {
    const site = openSite(ada);
    const started = startSso({ ssoOrigin: SSO });
    await expect.poll(() => started.getSnapshot().status).toBe('signed-in');
    freeze();
    Object.assign(site, { appAccount: null, ssoAccount: null });
    expect(started.getSnapshot()).toMatchObject({ status: 'loading', account: null, steps: {} });
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    await render({ sso: started });
    expect(sso?.status).toBe('signed-out');
  });

  it('goes on without the provider, and shows the current state to the next one', async () => {
    const site = openSite(ada);
    const started = startSso({ ssoOrigin: SSO });
    const { root } = await render({ sso: started });
    root.unmount();
    Object.assign(site, { appAccount: grace, ssoAccount: grace });
    await started.getSnapshot().signInSilently();
    await render({ sso: started });
    await expect.poll(() => sso).toMatchObject({ account: grace, previousAccount: ada });
  });

  it('throws a TypeError if an option is invalid', () => {
    expect(() => startSso({ ssoOrigin: `${SSO}/` })).toThrow(TypeError);
  });
});
