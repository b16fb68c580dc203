/**
 * Without cookies nobody can sign in. Any other feature that a browser refuses or lacks is only a
 * convenience.
 */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSso, type Outcome } from './index.ts';
import {
  ADA,
  noResponse,
  openPage,
  PASSWORD,
  refusal,
  SSO,
  session,
  signedIn,
  signedOut,
} from './page.fixture.ts';

const blocked = { status: 'cookies-blocked' };

const denied = () => {
  throw new DOMException('The operation is insecure.', 'SecurityError');
};

/** Makes reading a global throw. */
function deny(name: string): void {
  const before = Object.getOwnPropertyDescriptor(globalThis, name) ?? { value: undefined };
  Object.defineProperty(globalThis, name, { get: denied, configurable: true });
  onTestFinished(() => void Object.defineProperty(globalThis, name, { ...before, configurable: true }));
}

describe.each<[restriction: string, prepare: () => void]>([
  ['without Web Locks', () => vi.stubGlobal('navigator', {})],
  ['that refuses a lock', () => vi.stubGlobal('navigator', { locks: { request: async () => denied() } })],
  [
    'that refuses Web Locks',
    () => vi.stubGlobal('navigator', Object.defineProperty({}, 'locks', { get: denied })),
  ],
  ['without BroadcastChannel', () => vi.stubGlobal('BroadcastChannel', undefined)],
  ['that refuses a BroadcastChannel', () => vi.stubGlobal('BroadcastChannel', denied)],
  ['without crypto', () => vi.stubGlobal('crypto', undefined)],
  ['without storage', () => vi.stubGlobal('localStorage', undefined)],
  ['that refuses storage', () => deny('localStorage')],
  ['whose storage is full', () => vi.stubGlobal('localStorage', { setItem: denied, removeItem: denied })],
  [
    'without performance entries',
    () => vi.stubGlobal('performance', { now: performance.now.bind(performance) }),
  ],
  [
    'that refuses performance entries',
    () => void vi.mocked(performance.getEntriesByType).mockImplementation(denied),
  ],
])('a browser %s', (_restriction, prepare) => {
  it('signs a person in, checks again, and signs them out [T-PAGE-03]', async () => {
    const { setVisibility } = await openPage();
    prepare();
    const sso = createSso({ ssoOrigin: SSO });
    const outcomes: Outcome[] = [];
    onTestFinished(sso.watch((outcome) => outcomes.push(outcome)));
    expect(await sso.signInSilently()).toEqual(signedIn);
    setVisibility('visible');
    await expect.poll(() => outcomes).toEqual([signedIn]);
    expect(await sso.signOut()).toEqual(signedOut);
    expect(await sso.signInWithPassword('ada', PASSWORD)).toEqual(signedIn);
  });
});

it('without Web Locks, the flows of one page still run one after the other [T-PAGE-03]', async () => {
  const { sso, sent } = await openPage({ GET: [noResponse, session] });
  vi.stubGlobal('navigator', {});
  const flows = [sso.signInSilently(), sso.signInWithPassword('ada', PASSWORD), sso.signInSilently()];
  expect(await Promise.all(flows)).toEqual([{ status: 'app-unreachable' }, signedIn, signedIn]);
  expect(sent).toEqual(['GET', 'login status', 'login', 'authentication token', 'POST', 'GET']);
});

it('without Web Locks, an error thrown by onStep holds up no other flow', async () => {
  const onStep = vi.fn().mockImplementationOnce(() => {
    throw new Error('thrown by onStep');
  });
  const { sso } = await openPage({}, { onStep });
  vi.stubGlobal('navigator', {});
  const flows = [sso.signInSilently(), sso.signInSilently()];
  const [failed, next] = await Promise.allSettled(flows);
  expect(failed?.status).toBe('rejected');
  expect(next).toEqual({ status: 'fulfilled', value: signedIn });
});

describe('a browser that blocks cookies', () => {
  it('and says so gets no request, least of all a password [T-PAGE-02]', async () => {
    const { sso, fetched, setVisibility } = await openPage();
    vi.stubGlobal('navigator', { cookieEnabled: false });
    const outcomes: Outcome[] = [];
    onTestFinished(sso.watch((outcome) => outcomes.push(outcome)));
    const flows = [
      sso.signInSilently(),
      sso.confirm(ADA),
      sso.signInWithPassword('ada', PASSWORD),
      sso.signOut(),
    ];
    expect(await Promise.all(flows)).toEqual([blocked, blocked, blocked, blocked]);
    for (const times of [1, 2]) {
      setVisibility('visible');
      await expect.poll(() => outcomes).toHaveLength(times);
    }
    expect(outcomes).toEqual([blocked, blocked]);
    expect(fetched).toEqual([]);
  });

  it('and doesn’t say so is detected before anything is sent [T-PAGE-02]', async () => {
    const { sso, fetched } = await openPage();
    deny('localStorage');
    Object.defineProperty(document, 'cookie', { get: () => '', set: () => {} });
    expect(await sso.signInWithPassword('ada', PASSWORD)).toEqual(blocked);
    expect(fetched).toEqual([]);
  });

  it('of the SSO service alone is detected when a password starts no SSO session [T-PAGE-02]', async () => {
    const { sso } = await openPage({ 'authentication token': [refusal(401, 'not-signed-in')] });
    expect(await sso.signInWithPassword('ada', PASSWORD)).toEqual(blocked);
  });

  it('isn’t reported if the SSO session ended after a token was issued', async () => {
    const { sso } = await openPage({
      'authentication token': [{ json: { token: 'a.b.c', expiresIn: 30 } }, refusal(401, 'not-signed-in')],
      POST: [refusal(401, 'invalid-token')],
    });
    expect(await sso.signInWithPassword('ada', PASSWORD)).toEqual(signedOut);
  });
});
