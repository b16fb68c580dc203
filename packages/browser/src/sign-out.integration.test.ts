/** A sign-out is sent at once, and is remembered if it may not have reached the app's server. */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ACCOUNT, type Answer, APP, openPage, refusal, SSO } from './page.fixture.ts';

const signedIn = { status: 'signed in', account: ACCOUNT };
const here: Answer = { json: signedIn };
const nobody: Answer = { json: { status: 'signed out' } };
const silence: Answer = { hangUp: true };
const never: Answer = { after: new Promise<never>(() => {}) };
const walk = ['GET', 'login status', 'authentication token', 'POST'];

describe('signing out', () => {
  it('sends both requests before the call returns, and lets them outlive the page', async () => {
    const { sso, sent } = await openPage();
    const signingOut = sso.signOut();
    expect(sent).toEqual([
      { method: 'POST', url: `${SSO}/`, keepalive: true },
      { method: 'DELETE', url: `${APP}/session?scope=site`, keepalive: true },
    ]);
    expect(await signingOut).toEqual({ status: 'password wanted' });
  });

  it.each([
    ['hangs up', silence],
    ['refuses', refusal(503, 'unavailable')],
    ['doesn’t know the app', refusal(403, 'origin-not-allowed')],
    ['answers a page', { html: '<!doctype html>' }],
  ])(
    'signs out of the app when the SSO service %s, and says that the rest is pending',
    async (_how, logout) => {
      const { sso, asked } = await openPage({ logout: [logout] });
      expect(await sso.signOut()).toEqual({ status: 'sign-out pending' });
      expect(asked).toContain('DELETE site');
    },
  );

  it('waits one second for an SSO service that is silent, once the app has answered', async () => {
    const { sso } = await openPage({ logout: [never] });
    const started = Date.now();
    expect(await sso.signOut()).toEqual({ status: 'sign-out pending' });
    expect(Date.now() - started).toBeGreaterThan(900);
    expect(Date.now() - started).toBeLessThan(2500);
  });

  it('says so when the app is silent, although the SSO session has ended', async () => {
    const { sso, asked } = await openPage({ 'DELETE site': [silence] });
    expect(await sso.signOut()).toEqual({ status: 'app unreachable' });
    expect(asked).toContain('logout');
  });

  it('says so when neither answers, and nothing is left unhandled', async () => {
    const { sso } = await openPage({ 'DELETE site': [silence], logout: [silence] });
    expect(await sso.signOut()).toEqual({ status: 'app unreachable' });
  });

  it('says so when the app refuses', async () => {
    const { sso } = await openPage({ 'DELETE site': [refusal(403, 'origin-not-allowed')] });
    expect(await sso.signOut()).toEqual({ status: 'refused', step: 'sign out', code: 'origin-not-allowed' });
  });
});

describe('signing out while another flow is under way', () => {
  it('waits for nothing, and the other flow comes to the same: what it found before is over', async () => {
    const gate = Promise.withResolvers<void>();
    const { sso, asked } = await openPage({
      'login status': [{ after: gate.promise, ...here }],
    });
    const signingIn = sso.confirm(ACCOUNT);
    await expect.poll(() => asked).toEqual(['login status']);
    expect(await sso.signOut()).toEqual({ status: 'password wanted' });
    gate.resolve();
    expect(await signingIn).toEqual({ status: 'password wanted' });
  });

  it('makes those that come later wait until it is over', async () => {
    const gate = Promise.withResolvers<void>();
    const { sso, asked } = await openPage({ 'DELETE site': [{ after: gate.promise, ...nobody }] });
    const flows = [sso.signOut(), sso.logIn('ada', 'a password')];
    await expect.poll(() => asked).toHaveLength(2);
    gate.resolve();
    expect(await Promise.all(flows)).toEqual([{ status: 'password wanted' }, signedIn]);
    expect(asked.slice(2)).toEqual(['login', 'authentication token', 'POST']);
  });
});

describe('a sign-out that the app’s server hasn’t answered', () => {
  it.each([
    ['is silent', silence],
    ['cannot reach its data', refusal(503, 'unavailable')],
    ['has failed', refusal(500, 'internal-error')],
  ])(
    'because it %s is finished by the next page, which leaves the SSO session alone',
    async (_how, answer) => {
      const { sso, otherTab, asked } = await openPage({ 'DELETE site': [answer, nobody] });
      await sso.signOut();
      expect(await otherTab.signIn()).toEqual(signedIn);
      expect(await otherTab.signIn()).toEqual(signedIn);
      expect(asked.slice(2)).toEqual(['DELETE site', ...walk, ...walk]);
    },
  );

  it('because the page is gone is finished by the next page', async () => {
    const { sso, otherTab, asked } = await openPage({ 'DELETE site': [never, nobody] });
    void sso.signOut();
    // The browser frees the lock of a page that is gone.
    vi.stubGlobal('navigator', {});
    expect(await otherTab.confirm(ACCOUNT)).toEqual(signedIn);
    expect(asked.slice(2)).toEqual(['DELETE site', ...walk.slice(1)]);
  });

  it('signs nobody in while it can’t be finished', async () => {
    const { sso, otherTab, asked } = await openPage({ GET: [here], 'DELETE site': [silence] });
    await sso.signOut();
    expect(await otherTab.signIn()).toEqual({ status: 'app unreachable' });
    expect(await otherTab.confirm(ACCOUNT)).toEqual({ status: 'app unreachable' });
    expect(asked.slice(2)).toEqual(['DELETE site', 'GET', 'DELETE site', 'GET']);
  });

  it('is over where the app’s session has ended meanwhile, although a firewall refuses DELETE', async () => {
    const refused: Answer = { status: 405, html: '<!doctype html>' };
    const { sso, otherTab, asked } = await openPage({ 'DELETE site': [refused] });
    expect(await sso.signOut()).toEqual({ status: 'app unreachable' });
    expect(await otherTab.signIn()).toEqual(signedIn);
    expect(asked.slice(2)).toEqual(['DELETE site', 'GET', ...walk]);
  });

  it('is finished when the person looks at an open page again', async () => {
    const { sso, otherTab, turn, asked } = await openPage({ 'DELETE site': [silence, nobody] });
    await sso.signOut();
    const outcome = new Promise((resolve) => {
      onTestFinished(otherTab.watch(resolve));
    });
    turn('visible');
    expect(await outcome).toEqual(signedIn);
    expect(asked.slice(2)).toEqual(['DELETE site', ...walk]);
  });

  it('is over once somebody signs in with a password', async () => {
    const { sso, otherTab, asked } = await openPage({ 'DELETE site': [silence] });
    await sso.signOut();
    expect(await otherTab.logIn('ada', 'a password')).toEqual(signedIn);
    expect(await otherTab.signIn()).toEqual(signedIn);
    expect(asked.slice(2)).toEqual(['login', 'authentication token', 'POST', ...walk]);
  });

  it('goes on being remembered when the password is wrong', async () => {
    const { sso, otherTab } = await openPage({
      GET: [here],
      'DELETE site': [silence],
      login: [refusal(401, 'invalid-credentials')],
    });
    await sso.signOut();
    await otherTab.logIn('ada', 'a wrong password');
    expect(await otherTab.signIn()).toEqual({ status: 'app unreachable' });
  });
});

describe('a sign-out that no server knows of', () => {
  const answers = { 'DELETE site': [silence, nobody], logout: [silence, nobody] };

  it('because neither answered is sent to both by the next page', async () => {
    const { sso, otherTab, asked } = await openPage(answers);
    expect(await sso.signOut()).toEqual({ status: 'app unreachable' });
    await otherTab.signIn();
    await otherTab.signIn();
    expect(asked.slice(2, 4).toSorted()).toEqual(['DELETE site', 'logout']);
    expect(asked.slice(4)).toEqual([...walk, ...walk]);
  });

  it('because the app had no session any more, and the SSO service is silent, isn’t said to be pending', async () => {
    const { sso, otherTab, asked } = await openPage({ ...answers, 'DELETE site': [nobody] });
    expect(await sso.signOut()).toEqual({ status: 'SSO service unreachable' });
    await otherTab.signIn();
    expect(asked.slice(2, 4).toSorted()).toEqual(['DELETE site', 'logout']);
  });

  it('signs nobody in while it can’t be finished', async () => {
    const { sso, otherTab, asked } = await openPage({ 'DELETE site': [nobody], logout: [silence] });
    await sso.signOut();
    expect(await otherTab.signIn()).toEqual({ status: 'SSO service unreachable' });
    expect(asked).not.toContain('login status');
  });

  it('is over where the SSO service refuses it for good', async () => {
    const refused = refusal(403, 'origin-not-allowed');
    const { sso, otherTab } = await openPage({ 'DELETE site': [nobody], logout: [refused] });
    expect(await sso.signOut()).toMatchObject({ status: 'refused', code: 'origin-not-allowed' });
    expect(await otherTab.signIn()).toEqual(signedIn);
  });
});

it('a sign-out that the app refuses isn’t repeated: nobody could get in any more', async () => {
  const { sso, otherTab, asked } = await openPage({ 'DELETE site': [refusal(400, 'invalid-request')] });
  await sso.signOut();
  expect(await otherTab.signIn()).toEqual(signedIn);
  expect(asked.slice(2)).toEqual(walk);
});
