import { type HttpProblem, sha256 } from '@samesite-sso/core';
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import {
  ADA,
  byPassword,
  PASSWORD,
  type TestService,
  testService,
} from '../../../../test/support/sso/test-service.ts';
import { SsoSessions } from '../sessions/sso-sessions.ts';
import { AuthenticatorSecrets } from './factors/authenticator-secrets.ts';
import { CodeCheck } from './factors/code-check.ts';
import { PasswordHasher } from './hashing/hasher.ts';
import { PasswordQueue } from './hashing/password-queue.ts';
import { Login } from './login.ts';
import { LoginThrottle } from './login-throttle.ts';
import { changePassword } from './password-change.ts';
import { RefusedSignIns } from './refused-sign-ins.ts';

const CLIENT = { address: '192.0.2.1', userAgent: '', hasDisconnected: () => false };
const FRESH = 'a quite different passphrase';

/** The password change of a signed-in session. */
async function passwordChange() {
  const service: TestService = await testService();
  const { stores, clock } = service;
  const hasher = new PasswordHasher();
  const now = () => clock.now;
  const { accounts, loginFailures, audit } = stores;
  const queue = new PasswordQueue();
  const throttle = new LoginThrottle(loginFailures, now);
  const login = new Login({
    accounts,
    hasher,
    queue,
    throttle,
    refusedSignIns: new RefusedSignIns(audit, now),
    codeCheck: new CodeCheck(stores.factors, new AuthenticatorSecrets(null), now),
  });
  const dependencies = { accounts, login, hasher, queue, clock: now, contextWords: [] };
  const cookie = await service.logIn();
  const [session] = await allRows(stores.sessions.pages());
  if (session === undefined) throw new Error('nobody is signed in');
  const tokenHash = sha256(cookie.slice(cookie.indexOf('=') + 1));
  const own = { accountId: session.account.id, sid: session.sid, tokenHash, authenticatedSince: 0 };
  const to = (newPassword: string, oldPassword = PASSWORD) =>
    changePassword(dependencies, session, own, { oldPassword, newPassword }, CLIENT);
  const codeOf = async (outcome: Promise<unknown>) =>
    await outcome.then(
      () => 'changed',
      (refusal: HttpProblem) => [refusal.code, refusal.detail],
    );
  const logInWith = async (password: string) =>
    (await service.post({ request: 'login', username: 'ada', password })).statusCode;
  return { ...service, login, cookie, session, to, codeOf, logInWith };
}

test('after a change only the new password signs in', async () => {
  const { to, logInWith } = await passwordChange();
  await to(FRESH);
  expect([await logInWith(FRESH), await logInWith(PASSWORD)]).toEqual([200, 401]);
});

test('the session continues under a new session token, and all others end', async () => {
  const { to, logIn, post, cookie, stores, session } = await passwordChange();
  const elsewhere = await logIn();
  const { token, ended, maxAgeSeconds } = await to(FRESH);
  const statusOf = async (each: string) =>
    (await post({ request: 'login status' }, { cookie: each })).json().status;
  expect(ended).toBe(1);
  expect(maxAgeSeconds).toBe(43_200);
  expect(await statusOf(`__Host-sso=${token}`)).toBe('signed in');
  expect(await statusOf(cookie)).toBe('signed out');
  expect(await statusOf(elsewhere)).toBe('signed out');
  expect((await allRows(stores.sessions.pages())).map(({ sid }) => sid)).toEqual([session.sid]);
});

describe('no password changes', () => {
  test.each([
    ['the old password is wrong', FRESH, 'not the password', ['wrong-password', undefined]],
    [
      'the new one is too short',
      'short',
      PASSWORD,
      ['unfit-password', 'The new password is shorter than 15 characters.'],
    ],
    [
      'the new one is the old one',
      PASSWORD,
      PASSWORD,
      ['unfit-password', 'The new password is the same as the old one.'],
    ],
  ])('when %s', async (_name, fresh, old, refusal) => {
    const { to, codeOf, logInWith, stores, logIn } = await passwordChange();
    await logIn();
    expect(await codeOf(to(fresh, old))).toEqual(refusal);
    expect(await logInWith(PASSWORD)).toBe(200);
    expect(await allRows(stores.sessions.pages())).toHaveLength(3);
  });

  test('when the session has just ended', async () => {
    const { to, codeOf, logInWith, stores, session } = await passwordChange();
    await stores.sessions.end({ sids: [session.sid] }, 'signed out', {
      at: 0,
      actor: 'person',
      address: null,
    });
    expect(await codeOf(to(FRESH))).toEqual(['reauthentication-required', undefined]);
    expect(await logInWith(PASSWORD)).toBe(200);
  });
});

test('a wrong old password is recorded with its session', async () => {
  const { to, codeOf, stores, session } = await passwordChange();
  await codeOf(to(FRESH, 'not the password'));
  expect(await allRows(stores.audit.pages({ kind: 'login failed', limit: 10 }))).toMatchObject([
    {
      accountId: ADA.id,
      sid: session.sid,
      detail: 'the old password, at a password change',
      actor: 'person',
      address: CLIENT.address,
    },
  ]);
});

test('guesses of the old password are throttled like logins', async () => {
  const { to, codeOf } = await passwordChange();
  for (let attempt = 0; attempt < 10; attempt += 1) {
    expect(await codeOf(to(FRESH, `guess ${attempt}`))).toEqual(['wrong-password', undefined]);
  }
  expect(await codeOf(to(FRESH))).toEqual(['too-many-attempts', undefined]);
});

test('of two parallel changes one succeeds, and the other fails', async () => {
  const { to, codeOf, logInWith } = await passwordChange();
  const outcomes = await Promise.all([codeOf(to(FRESH)), codeOf(to(`${FRESH} too`))]);
  expect(outcomes.filter((outcome) => outcome === 'changed')).toHaveLength(1);
  expect([await logInWith(FRESH), await logInWith(`${FRESH} too`)].sort()).toEqual([200, 401]);
});

test('a login with the old password that is pending during a change starts no session', async () => {
  const { to, login, stores, clock, session } = await passwordChange();
  const { account, passwordVersion } = await login.verifyPassword('ada', PASSWORD, CLIENT);
  await to(FRESH);
  const lifetimes = { sessionIdleSeconds: 7200, sessionMaxSeconds: 43_200 };
  const sessions = new SsoSessions(stores.sessions, () => clock.now, lifetimes);
  expect(await sessions.start({ account, proof: byPassword(passwordVersion) }, null, CLIENT)).toEqual({
    refusal: 'account changed',
  });
  expect((await allRows(stores.sessions.pages())).map(({ sid }) => sid)).toEqual([session.sid]);
});
