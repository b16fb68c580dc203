/** The lifetimes and the session tokens of app sessions. `storage/contract` has the tests of the store. */
import { readFileSync } from 'node:fs';
import { createSessionToken, HttpProblem, sha256 } from '@samesite-sso/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppSessions } from './app-sessions.ts';
import { ACCOUNT, newDatabase } from './seeded-session.fixture.ts';
import { openSqliteStore } from './storage/sqlite/open-store.ts';

const TTL_SECONDS = 1800;
const HOUR_MS = 3_600_000;
const ISSUED_AT_SECONDS = 1_700_000_000;

const SIGN_IN = { account: ACCOUNT, sid: 's1', amr: ['pwd'] as ['pwd'], groups: ['staff'] };

function newSessions() {
  let now = ISSUED_AT_SECONDS * 1000 + 500;
  const file = newDatabase();
  const store = openSqliteStore(file);
  onTestFinished(() => store.close());
  const sessions = new AppSessions(store, () => now, TTL_SECONDS);
  const start = (
    ssoEndsAt = now + 12 * HOUR_MS,
    tokenIssuedAt = ISSUED_AT_SECONDS * 1000,
    authenticatedAt = tokenIssuedAt,
  ) => sessions.start({ ...SIGN_IN, tokenIssuedAt, ssoEndsAt, authenticatedAt }, null);
  const advanceClock = (milliseconds: number) => {
    now += milliseconds;
  };
  return { file, store, sessions, start, advanceClock, now: () => now };
}

describe('AppSessions', () => {
  it('finds a session by its session token, with its account and times', async () => {
    const { sessions, start, now } = newSessions();
    const { sessionToken, maxAgeSeconds } = await start();
    expect(maxAgeSeconds).toBe(TTL_SECONDS);
    const endsAt = now() + TTL_SECONDS * 1000;
    const authenticatedAt = ISSUED_AT_SECONDS * 1000;
    const session = { ...SIGN_IN, startedAt: now(), endsAt, authenticatedAt };
    expect(await sessions.find(sessionToken)).toEqual(session);
  });

  it('never records a sign-in as later than the start of the session', async () => {
    const { sessions, start, now } = newSessions();
    for (const offset of [-HOUR_MS, 0, 500, HOUR_MS]) {
      const { sessionToken } = await start(undefined, undefined, now() + offset);
      const found = await sessions.find(sessionToken);
      expect(found?.authenticatedAt).toBe(now() + Math.min(offset, 0));
    }
  });

  it('finds no session by any other value', async () => {
    const { sessions, start } = newSessions();
    await start();
    for (const other of [null, createSessionToken(), '']) expect(await sessions.find(other)).toBeNull();
  });

  it('ends a session to the millisecond when its lifetime is over', async () => {
    const { sessions, start, advanceClock } = newSessions();
    const { sessionToken } = await start();
    advanceClock(TTL_SECONDS * 1000 - 1);
    expect(await sessions.find(sessionToken)).not.toBeNull();
    advanceClock(1);
    expect(await sessions.find(sessionToken)).toBeNull();
  });

  it('ends a session with its SSO session if that ends first', async () => {
    const { sessions, start, advanceClock, now } = newSessions();
    const { sessionToken, maxAgeSeconds } = await start(now() + 90_500);
    expect(maxAgeSeconds).toBe(90);
    expect((await sessions.find(sessionToken))?.endsAt).toBe(now() + 90_500);
    advanceClock(90_500);
    expect(await sessions.find(sessionToken)).toBeNull();
  });

  it('compares the times of the two tokens after a logout, not when they arrive', async () => {
    const { sessions, start, advanceClock } = newSessions();
    await sessions.endBySid({ sid: 's1', jti: 'j1', iat: ISSUED_AT_SECONDS + 1 });
    advanceClock(60_000);
    const startWith = (issuedAtSeconds: number) => start(undefined, issuedAtSeconds * 1000);
    for (const iat of [ISSUED_AT_SECONDS, ISSUED_AT_SECONDS + 1]) {
      await expect(startWith(iat)).rejects.toMatchObject({ code: 'invalid-token' });
    }
    const { sessionToken } = await startWith(ISSUED_AT_SECONDS + 2);
    expect(await sessions.find(sessionToken)).not.toBeNull();
  });

  it('stores the hash of a session token and never the token', async () => {
    const { file, start } = newSessions();
    const { sessionToken } = await start();
    const bytes = Buffer.concat([readFileSync(file), readFileSync(`${file}-wal`)]);
    expect(bytes.includes(sha256(sessionToken))).toBe(true);
    expect(bytes.includes(sessionToken)).toBe(false);
    expect(bytes.includes(Buffer.from(sessionToken, 'base64url'))).toBe(false);
  });

  it.each<[string, () => unknown]>([
    ['an error', () => new Error('gone')],
    ['a text', () => 'gone'],
    ['an HttpProblem', () => new HttpProblem('unavailable', { logReason: 'gone' })],
  ])('reject with `unavailable` and the log’s reason if a store throws %s', async (_what, make) => {
    const { store } = newSessions();
    const fail = () => {
      throw make();
    };
    const own = { ...store, sessions: { ...store.sessions, find: fail } };
    const sessions = new AppSessions(own, Date.now, TTL_SECONDS);
    const problem = { code: 'unavailable', logReason: expect.stringContaining('gone') };
    await expect(sessions.find(createSessionToken())).rejects.toMatchObject(problem);
  });
});
