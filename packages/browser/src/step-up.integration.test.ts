/** A person who is signed in proves it again, and one who has to step up or isn't permitted is told so. */
import { describe, expect, it, vi } from 'vitest';
import {
  ADA,
  type FakeResponses,
  GRACE,
  noResponse,
  noSession,
  openPage,
  PASSWORD,
  refusal,
  session,
  sessionOf,
  signedIn,
  signedOut,
} from './page.fixture.ts';

const login = ['login', 'authentication token', 'POST'];
const bodies = (requests: { body: string }[]) =>
  requests.filter(({ body }) => body.includes('"login"')).map(({ body }) => JSON.parse(body));

async function openSignedIn(responses: FakeResponses = {}) {
  const page = await openPage({ GET: [session], ...responses });
  expect(await page.sso.signInSilently()).toEqual(signedIn);
  page.sent.length = 0;
  return page;
}

describe('stepUp', () => {
  it('takes steps 5, 3 and 4 as the account that is signed in, and stays on the page', async () => {
    const { sso, sent, requests, steps } = await openSignedIn();
    expect(await sso.stepUp({ password: PASSWORD, code: '123456' })).toEqual(signedIn);
    expect(sent).toEqual(login);
    expect(steps().slice(-3)).toEqual(['5 done', '3 done', '4 done']);
    expect(bodies(requests)).toEqual([
      { request: 'login', username: 'ada', password: PASSWORD, code: '123456' },
    ]);
  });

  it('sends no code if there is none', async () => {
    const { sso, requests } = await openSignedIn();
    await sso.stepUp({ password: PASSWORD });
    await sso.stepUp({ password: PASSWORD, code: '' });
    const body = { request: 'login', username: 'ada', password: PASSWORD };
    expect(bodies(requests)).toEqual([body, body]);
  });

  it('sends nothing if nobody is signed in', async () => {
    const { sso, sent } = await openPage();
    expect(await sso.stepUp({ password: PASSWORD })).toEqual(signedOut);
    expect(sent).toEqual([]);
  });

  it.each([
    ['invalid-credentials', 401],
    ['second-factor-required', 401],
    ['invalid-code', 401],
    ['invalid-passkey', 401],
    ['too-many-attempts', 429],
    ['overloaded', 503],
    ['unavailable', 503],
  ])('can be repeated after %s: the person is still signed in', async (code, status) => {
    const { sso, requests } = await openSignedIn({ login: [refusal(status, code), session] });
    expect(await sso.stepUp({ password: 'wrong' })).not.toEqual(signedIn);
    expect(localStorage.getItem('samesite-sso:signed-in')).not.toBeNull();
    expect(await sso.stepUp({ password: PASSWORD })).toEqual(signedIn);
    expect(bodies(requests).map(({ username }) => username)).toEqual(['ada', 'ada']);
  });

  it('can be repeated after the SSO service didn’t respond', async () => {
    const { sso } = await openSignedIn({ login: [noResponse, session] });
    expect(await sso.stepUp({ password: PASSWORD })).toEqual({ status: 'sso-unreachable' });
    expect(await sso.stepUp({ password: PASSWORD })).toEqual(signedIn);
  });

  it('sends nothing after a sign-out: the page shows nobody any more', async () => {
    const { sso, sent } = await openSignedIn();
    await sso.signOut();
    expect(await sso.stepUp({ password: PASSWORD })).toEqual(signedOut);
    expect(sent).not.toContain('login');
  });

  it('is for the account that the page shows now', async () => {
    const { sso, requests, setVisibility } = await openSignedIn({
      'login status': [sessionOf(GRACE)],
      POST: [{ status: 201, ...sessionOf(GRACE) }],
    });
    const outcomes: unknown[] = [];
    const stop = sso.watch((outcome) => outcomes.push(outcome));
    setVisibility('visible');
    await expect.poll(() => outcomes).toEqual([{ status: 'signed-in', account: GRACE }]);
    stop();
    await sso.stepUp({ password: PASSWORD });
    expect(bodies(requests)).toMatchObject([{ username: 'grace' }]);
  });

  it('with a passkey leaves the session as it is if the browser can’t use passkeys', async () => {
    const { sso, sent } = await openSignedIn();
    expect(await sso.stepUp({ passkey: true })).toEqual({ status: 'passkey-unavailable' });
    expect(await sso.stepUp({ password: PASSWORD })).toEqual(signedIn);
    expect(sent).toEqual(login);
  });

  it('with a passkey asks for none if nobody is signed in', async () => {
    vi.stubGlobal('PublicKeyCredential', { parseRequestOptionsFromJSON: () => expect.fail('it asks') });
    const { sso, sent } = await openPage();
    expect(await sso.stepUp({ passkey: true })).toEqual(signedOut);
    expect(sent).toEqual([]);
  });

  it('shows a code to nobody: step reports mask it', async () => {
    const { sso, reports } = await openSignedIn();
    await sso.stepUp({ password: PASSWORD, code: '123456' });
    expect(JSON.stringify(reports)).not.toContain('123456');
    expect(JSON.stringify(reports)).not.toContain(PASSWORD);
  });
});

const STEP_UP = refusal(403, 'step-up-required', { methods: ['passkey', 'code'] });
const stepUpRequired = { status: 'step-up-required', account: ADA, methods: ['passkey', 'code'] };
const NOT_PERMITTED = refusal(403, 'not-permitted');
const notPermitted = { status: 'not-permitted', account: ADA };
const token = { json: { token: 'a.b.c', expiresIn: 30 } };

describe('an app that requires two factors', () => {
  it('says whose SSO session has only one factor, and by which methods the person can step up', async () => {
    const { sso, sent, steps } = await openPage({ 'authentication token': [STEP_UP] });
    expect(await sso.signInSilently()).toEqual(stepUpRequired);
    expect(sent).toEqual(['GET', 'login status', 'authentication token']);
    expect(steps()).toEqual(['1 done', '2 done', '5 skipped', '3 refused']);
  });

  it('says so after a password, too, and names no method if the account has none', async () => {
    const { sso } = await openPage({ 'authentication token': [refusal(403, 'step-up-required')] });
    expect(await sso.signInWithPassword('ada', PASSWORD)).toEqual({ ...stepUpRequired, methods: [] });
  });

  it('lets the person in who steps up', async () => {
    const { sso, sent, requests } = await openPage({ 'authentication token': [STEP_UP, token] });
    await sso.signInSilently();
    sent.length = 0;
    expect(await sso.stepUp({ password: PASSWORD, code: '123456' })).toEqual(signedIn);
    expect(sent).toEqual(login);
    expect(bodies(requests)).toMatchObject([{ username: 'ada', code: '123456' }]);
  });

  it('says it again if the person steps up with a password alone', async () => {
    const { sso } = await openPage({ 'authentication token': [STEP_UP] });
    await sso.signInSilently();
    expect(await sso.stepUp({ password: PASSWORD })).toEqual(stepUpRequired);
    expect(await sso.stepUp({ password: PASSWORD })).toEqual(stepUpRequired);
  });

  it('in mode "confirm" says so after `confirm`, and a later check doesn’t ask for that again', async () => {
    const { sso, sent, setVisibility } = await openPage(
      { 'authentication token': [STEP_UP] },
      { mode: 'confirm' },
    );
    expect(await sso.signInSilently()).toEqual({ status: 'confirmation-required', account: ADA });
    expect(sent).not.toContain('authentication token');
    expect(await sso.confirm(ADA)).toEqual(stepUpRequired);
    const outcomes: unknown[] = [];
    const stop = sso.watch((outcome) => outcomes.push(outcome));
    setVisibility('visible');
    await expect.poll(() => outcomes).toEqual([stepUpRequired]);
    stop();
  });
});

describe('an app that the account isn’t permitted to use', () => {
  it('says whose SSO session it is, and asks no server for more', async () => {
    const { sso, sent } = await openPage({ 'authentication token': [NOT_PERMITTED] });
    expect(await sso.signInSilently()).toEqual(notPermitted);
    expect(sent).toEqual(['GET', 'login status', 'authentication token']);
  });

  it('lets another account sign in', async () => {
    const grace = sessionOf(GRACE);
    const { sso } = await openPage({
      'authentication token': [NOT_PERMITTED, token],
      login: [grace],
      POST: [{ status: 201, ...grace }],
    });
    await sso.signInSilently();
    expect(await sso.signInWithPassword('grace', PASSWORD)).toEqual({ status: 'signed-in', account: GRACE });
  });

  it('lets the account in once it is permitted', async () => {
    const { sso } = await openPage({ 'authentication token': [NOT_PERMITTED, token] });
    expect(await sso.signInSilently()).toEqual(notPermitted);
    expect(await sso.signInSilently()).toEqual(signedIn);
  });
});

it('an app with groups asks a person without an SSO session to sign in', async () => {
  const { sso } = await openPage({ 'login status': [noSession] });
  expect(await sso.signInSilently()).toEqual(signedOut);
});
