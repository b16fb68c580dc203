import { describe, expect, test } from 'vitest';
import {
  type AccountRequest,
  logInOnPage,
  overviewOf,
  send,
  sidOf,
} from '../../../../test/support/sso/account-requests.ts';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import { sealingKeysOf } from '../../../../test/support/sso/sealing-keys.ts';
import { ADA, cookieOf, OPERATOR, PASSWORD, testService } from '../../../../test/support/sso/test-service.ts';
import { addAuthenticator, codeAt, wrongCode } from '../../../../test/support/sso/totp-app.ts';
import { ACCOUNT_PATHS } from './paths.ts';

const MINUTE_MS = 60_000;

async function accountPage() {
  const service = await testService({ sealing: sealingKeysOf() });
  const { app, clock } = service;
  const reauthenticate = (cookie: string, body: object) =>
    send(app, { method: 'POST', url: ACCOUNT_PATHS.reauthenticate, cookie, body });
  const logInWith = async (code: string) =>
    cookieOf(await logInOnPage(app, { username: 'ada', password: PASSWORD, code }));
  const codeNow = (secret: string) => codeAt(secret, clock.now);
  return { ...service, reauthenticate, logInWith, codeNow };
}

describe('a reauthentication', () => {
  test('renews the session under a new token, and no app hears of it', async () => {
    const { app, logIn, reauthenticate, post, stores, clock } = await accountPage();
    const before = await logIn();
    await post({ request: 'authentication token' }, { cookie: before });
    const sid = await sidOf(app, before);
    clock.now += 11 * MINUTE_MS;
    const answer = await reauthenticate(before, { password: PASSWORD });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ status: 'signed in', account: ADA });
    const after = cookieOf(answer);
    expect(await sidOf(app, after)).toBe(sid);
    expect((await post({ request: 'login status' }, { cookie: before })).json()).toEqual({
      status: 'signed out',
    });
    const sessions = await allRows(stores.sessions.pages());
    expect(sessions).toMatchObject([{ sid, authenticatedAt: clock.now, amr: ['pwd'] }]);
    expect(await allRows(stores.audit.pages({ kind: 'session ended', limit: 10 }))).toEqual([]);
    expect(await allRows(stores.audit.pages({ kind: 'session reauthenticated', limit: 10 }))).toHaveLength(1);
  });

  test('with a code makes the sign-in a stronger one', async () => {
    const service = await accountPage();
    const { logIn, reauthenticate, codeNow, stores } = service;
    const cookie = await logIn();
    const { secret } = await addAuthenticator(service, cookie);
    const answer = await reauthenticate(cookie, { password: PASSWORD, code: codeNow(secret) });
    expect(answer.statusCode).toBe(200);
    expect(await allRows(stores.sessions.pages())).toMatchObject([{ amr: ['pwd', 'otp', 'mfa'] }]);
  });

  test('is refused like a sign-in, and the session goes on', async () => {
    const service = await accountPage();
    const { app, logIn, reauthenticate, stores, clock } = service;
    const cookie = await logIn();
    const { secret } = await addAuthenticator(service, cookie);
    const wrong = wrongCode(secret, clock.now);
    for (const [body, code] of [
      [{ password: 'a wrong one' }, 'invalid-credentials'],
      [{ password: PASSWORD }, 'second-factor-required'],
      [{ password: PASSWORD, code: wrong }, 'invalid-code'],
    ] as const) {
      const answer = await reauthenticate(cookie, body);
      expect(answer.statusCode).toBe(401);
      expect(answer.json()).toMatchObject({ code });
      expect(cookieOf(answer)).toBe('');
    }
    const sid = await sidOf(app, cookie);
    const failures = await allRows(stores.audit.pages({ kind: 'login failed', limit: 10 }));
    expect(failures.map(({ detail }) => detail)).toEqual([
      'at a reauthentication',
      'a wrong code, at a reauthentication',
    ]);
    expect(failures.map((failure) => failure.sid)).toEqual([sid, sid]);
  });

  test('is throttled like a sign-in', async () => {
    const { logIn, reauthenticate } = await accountPage();
    const cookie = await logIn();
    for (let count = 0; count < 10; count += 1) await reauthenticate(cookie, { password: 'a wrong one' });
    const answer = await reauthenticate(cookie, { password: PASSWORD });
    expect(answer.statusCode).toBe(429);
    expect(answer.json()).toMatchObject({ code: 'too-many-attempts' });
  });

  test('needs a session', async () => {
    const { reauthenticate } = await accountPage();
    for (const cookie of ['', `__Host-sso=${'A'.repeat(43)}`]) {
      const answer = await reauthenticate(cookie, { password: PASSWORD });
      expect(answer.json()).toMatchObject({ code: 'not-signed-in' });
    }
  });

  test('uses the current username, after a rename too', async () => {
    const { logIn, reauthenticate, stores } = await accountPage();
    const cookie = await logIn();
    await stores.accounts.rename({ ...ADA, username: 'countess', usernameKey: 'countess' }, OPERATOR);
    const answer = await reauthenticate(cookie, { password: PASSWORD });
    expect(answer.json()).toEqual({ status: 'signed in', account: { ...ADA, username: 'countess' } });
  });

  test.each<[string, unknown]>([
    ['nothing', {}],
    ['a code alone', { code: '123456' }],
    ['a username', { username: 'grace', password: PASSWORD }],
    ['an empty password', { password: '' }],
    ['a code that is a number', { password: PASSWORD, code: 123456 }],
    ['a password and a credential', { password: PASSWORD, credential: {} }],
    ['a credential without members', { credential: {} }],
    ['null', null],
  ])('by %s is refused', async (_name, body) => {
    const { app, logIn, reauthenticate } = await accountPage();
    const cookie = await logIn();
    const answer = await reauthenticate(cookie, body as object);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid-request' });
    expect((await overviewOf(app, cookie)).account).toEqual(ADA);
  });
});

/** The requests that change how the person signs in, or end other sessions. */
const CHANGES: readonly AccountRequest[] = [
  { method: 'POST', url: ACCOUNT_PATHS.authenticator, body: {} },
  { method: 'PUT', url: ACCOUNT_PATHS.authenticator, body: { code: '123456' } },
  { method: 'DELETE', url: ACCOUNT_PATHS.authenticator },
  { method: 'POST', url: ACCOUNT_PATHS.recoveryCodes, body: {} },
  { method: 'DELETE', url: ACCOUNT_PATHS.sessions },
  { method: 'DELETE', url: `${ACCOUNT_PATHS.sessions}/SID` },
  {
    method: 'POST',
    url: ACCOUNT_PATHS.password,
    body: { oldPassword: PASSWORD, newPassword: 'an entirely different sentence' },
  },
];
const named = (requests: readonly AccountRequest[]) =>
  requests.map((request) => [`${request.method} ${request.url}`, request] as const);

describe('a change of how a person signs in', () => {
  test.each(named(CHANGES))('%s needs a sign-in within ten minutes [T-CODE-07]', async (_name, change) => {
    const { app, logIn, reauthenticate, clock } = await accountPage();
    const [other, own] = [await logIn(), await logIn()];
    const url = change.url.replace('SID', await sidOf(app, other));
    const ask = async (cookie: string) => (await send(app, { ...change, url, cookie })).json();
    clock.now += 10 * MINUTE_MS + 1;
    expect(await ask(own)).toMatchObject({ code: 'reauthentication-required', methods: ['password'] });
    expect((await overviewOf(app, own)).sessionCount).toBe(2);
    const cookie = cookieOf(await reauthenticate(own, { password: PASSWORD }));
    clock.now += 10 * MINUTE_MS;
    expect(await ask(cookie)).not.toMatchObject({ code: 'reauthentication-required' });
  });

  test.each(named(CHANGES))(
    '%s needs a sign-in with a code if the account has an authenticator app [T-CODE-07]',
    async (_name, change) => {
      const service = await accountPage();
      const { app, logIn, reauthenticate, logInWith, codeNow, clock } = service;
      const own = await logIn();
      const { secret } = await addAuthenticator(service, own);
      const other = await logInWith(codeNow(secret));
      clock.now += MINUTE_MS;
      const url = change.url.replace('SID', await sidOf(app, other));
      const ask = async (cookie: string) => (await send(app, { ...change, url, cookie })).json();
      expect(await ask(own)).toMatchObject({ code: 'reauthentication-required', methods: ['code'] });
      const { factors, sessionCount } = await overviewOf(app, own);
      expect([factors.authenticator, factors.recoveryCodes, sessionCount]).toEqual([true, 10, 2]);
      const answer = await reauthenticate(own, { password: PASSWORD, code: codeNow(secret) });
      expect(await ask(cookieOf(answer))).not.toMatchObject({ code: 'reauthentication-required' });
    },
  );

  test('needs another sign-in after the clock was set back by more than ten minutes', async () => {
    const { app, logIn, clock } = await accountPage();
    const cookie = await logIn();
    clock.now -= 10 * MINUTE_MS + 1;
    const answer = await send(app, { method: 'DELETE', url: ACCOUNT_PATHS.sessions, cookie });
    expect(answer.json()).toMatchObject({ code: 'reauthentication-required' });
  });
});

test('ending one’s own session needs no recent sign-in', async () => {
  const { app, logIn, clock } = await accountPage();
  const cookie = await logIn();
  clock.now += 11 * MINUTE_MS;
  const url = `${ACCOUNT_PATHS.sessions}/${await sidOf(app, cookie)}`;
  expect((await send(app, { method: 'DELETE', url, cookie })).json()).toEqual({ ended: 1 });
});
