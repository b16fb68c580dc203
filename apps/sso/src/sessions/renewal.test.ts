/** A sign-in whose request carries the cookie of a session of the same account. */
import { type KeyRing, sha256 } from '@samesite-sso/core';
import { expect, test } from 'vitest';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import {
  cookieOf,
  FOO,
  NO_REQUIREMENT,
  PASSWORD,
  SSO,
  testService,
} from '../../../../test/support/sso/test-service.ts';
import type { SsoSession } from '../storage/stores.ts';
import { AuthenticationTokens } from './authentication-tokens.ts';

const HOUR_MS = 3_600_000;

async function signedIn() {
  const service = await testService();
  const { post, stores, clock } = service;
  const cookie = await service.logIn();
  const [session] = await allRows(stores.sessions.pages());
  const startedAt = clock.now;
  return {
    ...service,
    cookie,
    startedAt,
    sid: session?.sid ?? '',
    /** Signs in again, with that cookie. */
    again: () => post({ request: 'login', username: 'ada', password: PASSWORD }, { cookie }),
    sessions: () => allRows(stores.sessions.pages()),
    tokenStatus: async (value: string) =>
      (await post({ request: 'authentication token' }, { cookie: value, origin: FOO })).statusCode,
  };
}

test('a sign-in with the cookie renews the session, which still ends after 12 h [T-SESSION-11]', async () => {
  const { again, clock, sessions, sid, startedAt, tokenStatus } = await signedIn();
  clock.now += HOUR_MS;
  const answer = await again();
  expect(answer.headers['set-cookie']).toMatch(/^__Host-sso=[\w-]{43}; Max-Age=39600;/);
  const renewed = { sid, startedAt, authenticatedAt: clock.now, endsAt: startedAt + 12 * HOUR_MS };
  expect(await sessions()).toMatchObject([renewed]);
  expect(await tokenStatus(cookieOf(answer))).toBe(200);
});

test.each([
  ['two hours without use', 2 * HOUR_MS],
  ['twelve hours', 12 * HOUR_MS],
])(
  'a sign-in with the cookie of a session that expired after %s doesn’t renew it [T-SESSION-11]',
  async (_name, later) => {
    const { again, clock, sessions, sid } = await signedIn();
    clock.now += later;
    const answer = await again();
    const [session, ...others] = await sessions();
    expect(others).toEqual([]);
    expect(session).toMatchObject({ startedAt: clock.now });
    expect(session?.sid).not.toBe(sid);
    expect(answer.statusCode).toBe(200);
  },
);

test('a renewal voids a token that a request with the old cookie gets meanwhile [T-SESSION-11]', async () => {
  const { again, clock, stores, sid, cookie } = await signedIn();
  const [, sessionToken = ''] = cookie.split('=');
  const tokenHash = sha256(sessionToken);
  const found = await stores.sessions.find(tokenHash);
  await again();
  const keys = { sign: () => 'a token' } as unknown as KeyRing;
  const options = { store: stores.tokens, keys, clock: () => clock.now, issuer: SSO, tokenSeconds: 30 };
  const app = { origin: FOO, ...NO_REQUIREMENT };
  const session = { ...(found as SsoSession), tokenHash };
  expect(session.sid).toBe(sid);
  const issued = await new AuthenticationTokens(options).issue(session, app, '192.0.2.1');
  expect(issued).toHaveProperty('token');
  const assertion = { app: FOO, jti: 'a jti', expiresAt: clock.now + 1000 };
  const context = { at: clock.now, actor: FOO, address: null };
  expect(await stores.tokens.redeem(sha256('a token'), assertion, app, 0, context)).toEqual({
    inactiveReason: 'session renewed',
  });
});

test('a session is renewed a millisecond before it expires', async () => {
  const { again, clock, sessions, sid } = await signedIn();
  clock.now += 2 * HOUR_MS - 1;
  await again();
  expect(await sessions()).toMatchObject([{ sid }]);
});
