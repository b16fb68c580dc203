/**
 * A browser that refuses or lacks a feature loses a convenience, never the flow. Only cookies are required.
 */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSso, type Outcome } from './index.ts';
import { ACCOUNT, openPage, refusal, SSO } from './page.fixture.ts';

const PASSWORD = 'correct horse battery staple';
const signedIn = { status: 'signed in', account: ACCOUNT };
const passwordWanted = { status: 'password wanted' };
const blocked = { status: 'cookies blocked' };

const denied = () => {
  throw new DOMException('The operation is insecure.', 'SecurityError');
};

/** Makes a global throw as it is read. */
function deny(name: string): void {
  const before = Object.getOwnPropertyDescriptor(globalThis, name) ?? { value: undefined };
  Object.defineProperty(globalThis, name, { get: denied, configurable: true });
  onTestFinished(() => void Object.defineProperty(globalThis, name, { ...before, configurable: true }));
}

describe.each<[how: string, prepare: () => void]>([
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
])('a browser %s', (_which, prepare) => {
  it('signs a person in, looks again, and signs them out', async () => {
    const { turn } = await openPage();
    prepare();
    const sso = createSso({ ssoOrigin: SSO });
    const outcomes: Outcome[] = [];
    onTestFinished(sso.watch((outcome) => outcomes.push(outcome)));
    expect(await sso.signIn()).toEqual(signedIn);
    turn('visible');
    await expect.poll(() => outcomes).toEqual([signedIn]);
    expect(await sso.signOut()).toEqual(passwordWanted);
    expect(await sso.logIn('ada', PASSWORD)).toEqual(signedIn);
  });
});

it('without Web Locks the flows of one page still run one after the other', async () => {
  const { sso, asked } = await openPage({ GET: [{ hangUp: true }, { json: signedIn }] });
  vi.stubGlobal('navigator', {});
  const flows = [sso.signIn(), sso.logIn('ada', PASSWORD), sso.signIn()];
  expect(await Promise.all(flows)).toEqual([{ status: 'app unreachable' }, signedIn, signedIn]);
  expect(asked).toEqual(['GET', 'login', 'authentication token', 'POST', 'GET']);
});

it('without Web Locks a flow whose report makes the page throw holds up no other', async () => {
  const onStep = vi.fn().mockImplementationOnce(() => {
    throw new Error('of the page');
  });
  const { sso } = await openPage({}, { onStep });
  vi.stubGlobal('navigator', {});
  const flows = [sso.signIn(), sso.signIn()];
  const [failed, next] = await Promise.allSettled(flows);
  expect(failed?.status).toBe('rejected');
  expect(next).toEqual({ status: 'fulfilled', value: signedIn });
});

describe('a browser that blocks cookies', () => {
  it('and says so sends nothing, least of all a password', async () => {
    const { sso, sent, turn } = await openPage();
    vi.stubGlobal('navigator', { cookieEnabled: false });
    const outcomes: Outcome[] = [];
    onTestFinished(sso.watch((outcome) => outcomes.push(outcome)));
    const flows = [sso.signIn(), sso.confirm(ACCOUNT), sso.logIn('ada', PASSWORD), sso.signOut()];
    expect(await Promise.all(flows)).toEqual([blocked, blocked, blocked, blocked]);
    for (const times of [1, 2]) {
      turn('visible');
      await expect.poll(() => outcomes).toHaveLength(times);
    }
    expect(outcomes).toEqual([blocked, blocked]);
    expect(sent).toEqual([]);
  });

  it('and claims that it doesn’t is found out before anything is sent', async () => {
    const { sso, sent } = await openPage();
    deny('localStorage');
    Object.defineProperty(document, 'cookie', { get: () => '', set: () => {} });
    expect(await sso.logIn('ada', PASSWORD)).toEqual(blocked);
    expect(sent).toEqual([]);
  });

  it('for the SSO service alone is known by a password that starts no session', async () => {
    const { sso } = await openPage({ 'authentication token': [refusal(401, 'not-signed-in')] });
    expect(await sso.logIn('ada', PASSWORD)).toEqual(blocked);
  });

  it('isn’t reported where a token was issued before the session ended', async () => {
    const { sso } = await openPage({
      'authentication token': [{ json: { token: 'a.b.c', expiresIn: 30 } }, refusal(401, 'not-signed-in')],
      POST: [refusal(401, 'invalid-token')],
    });
    expect(await sso.logIn('ada', PASSWORD)).toEqual(passwordWanted);
  });
});
