/** A sign-out is sent at once, and is remembered if it may not have reached the app's server. */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  ADA,
  APP,
  type FakeResponse,
  noResponse,
  noSession,
  openPage,
  refusal,
  SSO,
  session,
  signedIn,
  signedOut,
} from './page.fixture.ts';

const never: FakeResponse = { after: new Promise<never>(() => {}) };
const steps1To4 = ['GET', 'login status', 'authentication token', 'POST'];
const login = ['login', 'authentication token', 'POST'];

describe('signing out', () => {
  it('sends both requests before it returns, and lets them outlive the page [T-SIGNOUT-01]', async () => {
    const { sso, fetched } = await openPage();
    const signingOut = sso.signOut();
    expect(fetched).toEqual([
      { method: 'POST', url: `${SSO}/`, keepalive: true },
      { method: 'DELETE', url: `${APP}/session?scope=site`, keepalive: true },
    ]);
    expect(await signingOut).toEqual(signedOut);
  });

  it.each([
    ['hangs up', noResponse],
    ['can’t access its data', refusal(503, 'unavailable')],
    ['doesn’t know the app', refusal(403, 'origin-not-allowed')],
    ['sends HTML', { html: '<!doctype html>' }],
  ])(
    'ends signed out of the app with the rest pending if the SSO service %s [T-SIGNOUT-02]',
    async (_how, logout) => {
      const { sso, sent } = await openPage({ logout: [logout] });
      expect(await sso.signOut()).toEqual({ status: 'sign-out-pending' });
      expect(sent).toContain('DELETE site');
    },
  );

  it('waits one second for the SSO service once the app has responded', async () => {
    const { sso } = await openPage({ logout: [never] });
    const started = Date.now();
    expect(await sso.signOut()).toEqual({ status: 'sign-out-pending' });
    expect(Date.now() - started).toBeGreaterThan(900);
    expect(Date.now() - started).toBeLessThan(2500);
  });

  it('ends with the app unreachable if only the SSO service responds', async () => {
    const { sso, sent } = await openPage({ 'DELETE site': [noResponse] });
    expect(await sso.signOut()).toEqual({ status: 'app-unreachable' });
    expect(sent).toContain('logout');
  });

  it('ends with the app unreachable if no server responds, and leaves no rejection unhandled', async () => {
    const { sso } = await openPage({ 'DELETE site': [noResponse], logout: [noResponse] });
    expect(await sso.signOut()).toEqual({ status: 'app-unreachable' });
  });

  it('ends with the refusal if the app refuses', async () => {
    const { sso } = await openPage({ 'DELETE site': [refusal(403, 'origin-not-allowed')] });
    expect(await sso.signOut()).toEqual({ status: 'refused', step: 'sign-out', code: 'origin-not-allowed' });
  });
});

describe('signing out during another flow', () => {
  it('doesn’t wait, and makes the outcome of the other flow obsolete [T-SIGNOUT-07]', async () => {
    const gate = Promise.withResolvers<void>();
    const { sso, sent } = await openPage({
      'login status': [{ after: gate.promise, ...session }],
    });
    const signingIn = sso.confirm(ADA);
    await expect.poll(() => sent).toEqual(['login status']);
    expect(await sso.signOut()).toEqual(signedOut);
    gate.resolve();
    expect(await signingIn).toEqual(signedOut);
  });

  it('makes later flows wait until it has ended', async () => {
    const gate = Promise.withResolvers<void>();
    const { sso, sent } = await openPage({ 'DELETE site': [{ after: gate.promise, ...noSession }] });
    const flows = [sso.signOut(), sso.signInWithPassword('ada', 'a password')];
    await expect.poll(() => sent).toHaveLength(2);
    gate.resolve();
    expect(await Promise.all(flows)).toEqual([signedOut, signedIn]);
    expect(sent.slice(2)).toEqual(['login', 'authentication token', 'POST']);
  });
});

describe('a sign-out without a response from the app’s server', () => {
  it.each([
    ['is down', noResponse],
    ['can’t access its data', refusal(503, 'unavailable')],
    ['has failed', refusal(500, 'internal-error')],
  ])(
    'because it %s is finished by the next page, which leaves the SSO session alone',
    async (_how, response) => {
      const { sso, otherTab, sent } = await openPage({ 'DELETE site': [response, noSession] });
      await sso.signOut();
      expect(await otherTab.signInSilently()).toEqual(signedIn);
      expect(await otherTab.signInSilently()).toEqual(signedIn);
      expect(sent.slice(2)).toEqual(['DELETE site', ...steps1To4, ...steps1To4]);
    },
  );

  it('because the page was closed is finished by the next page [T-SIGNOUT-04]', async () => {
    const { sso, otherTab, sent } = await openPage({ 'DELETE site': [never, noSession] });
    void sso.signOut();
    // The browser frees the lock of a page that is gone.
    vi.stubGlobal('navigator', {});
    expect(await otherTab.confirm(ADA)).toEqual(signedIn);
    expect(sent.slice(2)).toEqual(['DELETE site', ...steps1To4.slice(1)]);
  });

  it('lets nobody sign in until it is finished [T-SIGNOUT-04]', async () => {
    const { sso, otherTab, sent } = await openPage({ GET: [session], 'DELETE site': [noResponse] });
    await sso.signOut();
    expect(await otherTab.signInSilently()).toEqual({ status: 'app-unreachable' });
    expect(await otherTab.confirm(ADA)).toEqual({ status: 'app-unreachable' });
    expect(sent.slice(2)).toEqual(['DELETE site', 'GET', 'DELETE site', 'GET']);
  });

  it('is finished once the app session has ended, even if a firewall refuses DELETE', async () => {
    const refused: FakeResponse = { status: 405, html: '<!doctype html>' };
    const { sso, otherTab, sent } = await openPage({ 'DELETE site': [refused] });
    expect(await sso.signOut()).toEqual({ status: 'app-unreachable' });
    expect(await otherTab.signInSilently()).toEqual(signedIn);
    expect(sent.slice(2)).toEqual(['DELETE site', 'GET', ...steps1To4]);
  });

  it('is finished when the person returns to an open page', async () => {
    const { sso, otherTab, setVisibility, sent } = await openPage({
      'DELETE site': [noResponse, noSession],
    });
    await sso.signOut();
    const outcome = new Promise((resolve) => {
      onTestFinished(otherTab.watch(resolve));
    });
    setVisibility('visible');
    expect(await outcome).toEqual(signedIn);
    expect(sent.slice(2)).toEqual(['DELETE site', ...steps1To4]);
  });

  it('is finished once somebody signs in with a password [T-SIGNOUT-06]', async () => {
    const { sso, otherTab, sent } = await openPage({ 'DELETE site': [noResponse] });
    await sso.signOut();
    expect(await otherTab.signInWithPassword('ada', 'a password')).toEqual(signedIn);
    expect(await otherTab.signInSilently()).toEqual(signedIn);
    // The app may have recorded the sign-out, and would refuse an SSO session that the login continues.
    expect(sent.slice(2)).toEqual(['logout', ...login, ...steps1To4]);
  });

  it('is still remembered after a wrong password', async () => {
    const { sso, otherTab } = await openPage({
      GET: [session],
      'DELETE site': [noResponse],
      login: [refusal(401, 'invalid-credentials')],
    });
    await sso.signOut();
    await otherTab.signInWithPassword('ada', 'a wrong password');
    expect(await otherTab.signInSilently()).toEqual({ status: 'app-unreachable' });
  });
});

describe('a sign-out that only the app has recorded', () => {
  const invalid = refusal(401, 'invalid-token');

  it('lets the next sign-in start another SSO session, which the app accepts [T-STEPUP-06]', async () => {
    const { sso, otherTab, sent } = await openPage({ logout: [noResponse, noSession] });
    expect(await sso.signOut()).toEqual({ status: 'sign-out-pending' });
    expect(await otherTab.signInWithPassword('ada', 'a password')).toEqual(signedIn);
    expect(await otherTab.signInWithPassword('ada', 'a password')).toEqual(signedIn);
    expect(sent.slice(2)).toEqual(['logout', ...login, ...login]);
  });

  it('is noticed by a later page, whose token the app refuses [T-STEPUP-06]', async () => {
    const { sso, sent } = await openPage({ POST: [invalid, invalid, { status: 201, ...session }] });
    expect(await sso.signInSilently()).toMatchObject({ status: 'refused', code: 'invalid-token' });
    const before = sent.length;
    expect(await sso.signInWithPassword('ada', 'a password')).toEqual(signedIn);
    expect(sent.slice(before)).toEqual(['logout', ...login]);
  });

  it('is over once the app accepts a token: a later sign-in continues the SSO session', async () => {
    const { sso, sent } = await openPage({ POST: [invalid, invalid, { status: 201, ...session }] });
    await sso.signInSilently();
    expect(await sso.signInSilently()).toEqual(signedIn);
    const before = sent.length;
    expect(await sso.stepUp({ password: 'a password' })).toEqual(signedIn);
    expect(sent.slice(before)).toEqual(login);
  });

  it('lets nobody sign in while the SSO service can’t end its SSO session', async () => {
    const { sso, otherTab, sent } = await openPage({ logout: [noResponse] });
    await sso.signOut();
    expect(await otherTab.signInWithPassword('ada', 'a password')).toEqual({ status: 'sso-unreachable' });
    expect(sent).not.toContain('login');
  });
});

describe('a sign-out that reached no server', () => {
  const responses = { 'DELETE site': [noResponse, noSession], logout: [noResponse, noSession] };

  it('because no server responded is sent to both by the next page [T-SIGNOUT-04]', async () => {
    const { sso, otherTab, sent } = await openPage(responses);
    expect(await sso.signOut()).toEqual({ status: 'app-unreachable' });
    await otherTab.signInSilently();
    await otherTab.signInSilently();
    expect(sent.slice(2, 4).toSorted()).toEqual(['DELETE site', 'logout']);
    expect(sent.slice(4)).toEqual([...steps1To4, ...steps1To4]);
  });

  it('isn’t reported as pending if only the SSO service could end it [T-SIGNOUT-05]', async () => {
    const { sso, otherTab, sent } = await openPage({ ...responses, 'DELETE site': [noSession] });
    expect(await sso.signOut()).toEqual({ status: 'sso-unreachable' });
    await otherTab.signInSilently();
    expect(sent.slice(2, 4).toSorted()).toEqual(['DELETE site', 'logout']);
  });

  it('lets nobody sign in until it is finished [T-SIGNOUT-04]', async () => {
    const { sso, otherTab, sent } = await openPage({ 'DELETE site': [noSession], logout: [noResponse] });
    await sso.signOut();
    expect(await otherTab.signInSilently()).toEqual({ status: 'sso-unreachable' });
    expect(sent).not.toContain('login status');
  });

  it('is given up if the SSO service refuses it for good', async () => {
    const refused = refusal(403, 'origin-not-allowed');
    const { sso, otherTab } = await openPage({ 'DELETE site': [noSession], logout: [refused] });
    expect(await sso.signOut()).toMatchObject({ status: 'refused', code: 'origin-not-allowed' });
    expect(await otherTab.signInSilently()).toEqual(signedIn);
  });
});

it('a sign-out that the app refuses isn’t repeated, or nobody could sign in [T-SIGNOUT-06]', async () => {
  const { sso, otherTab, sent } = await openPage({ 'DELETE site': [refusal(400, 'invalid-request')] });
  await sso.signOut();
  expect(await otherTab.signInSilently()).toEqual(signedIn);
  expect(sent.slice(2)).toEqual(steps1To4);
});
