import { readFileSync } from 'node:fs';
import { createSessionToken, Database, sha256 } from '@samesite-sso/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppSessions } from './app-sessions.ts';
import { EndedSessions } from './ended-sessions.ts';
import { MIGRATIONS } from './schema.ts';
import { ACCOUNT, newDatabase } from './seeded-session.fixture.ts';

const TTL_SECONDS = 1800;
const HOUR_MS = 3_600_000;

function store() {
  let now = 1_700_000_000_000;
  const file = newDatabase();
  const database = new Database(file, MIGRATIONS);
  onTestFinished(() => database.close());
  const sessions = new AppSessions(database, () => now, TTL_SECONDS);
  const ended = new EndedSessions(database, () => now);
  const purge = async () => {
    while (await ended.purgeExpired());
  };
  const start = (replaced: string | null = null, ssoEndsAt = now + 12 * HOUR_MS, sid = 's1') =>
    sessions.start({ account: ACCOUNT, sid, ssoEndsAt }, replaced);
  const startOf = (sid: string) => start(null, now + 12 * HOUR_MS, sid);
  const count = (table = 'app_session') =>
    database.sqlite.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  const advanceClock = (milliseconds: number) => {
    now += milliseconds;
  };
  return { file, sessions, ended, purge, start, startOf, count, advanceClock, now: () => now };
}

describe('AppSessions', () => {
  it('finds a session by its session token, with its account and times', async () => {
    const { sessions, start, now } = store();
    const { sessionToken, maxAgeSeconds } = await start();
    expect(maxAgeSeconds).toBe(TTL_SECONDS);
    const endsAt = now() + TTL_SECONDS * 1000;
    expect(sessions.find(sessionToken)).toEqual({ account: ACCOUNT, sid: 's1', startedAt: now(), endsAt });
  });

  it('keeps 1,000 app sessions per SSO session and ends the oldest beyond that [T-FLOOD-02]', async () => {
    const { sessions, start, startOf, count } = store();
    const other = await startOf('s2');
    const [first, second] = [await start(), await start()];
    for (let index = 2; index < 1001; index += 1) await start();
    expect(count()).toBe(1001);
    expect([sessions.find(first.sessionToken), sessions.find(second.sessionToken)]).toEqual([
      null,
      expect.anything(),
    ]);
    expect(sessions.find(other.sessionToken)).not.toBeNull();
  });

  it('finds no session by any other value', async () => {
    const { sessions, start } = store();
    await start();
    for (const other of [null, createSessionToken(), '']) expect(sessions.find(other)).toBeNull();
  });

  it('ends a session to the millisecond when its lifetime is over', async () => {
    const { sessions, start, advanceClock } = store();
    const { sessionToken } = await start();
    advanceClock(TTL_SECONDS * 1000 - 1);
    expect(sessions.find(sessionToken)).not.toBeNull();
    advanceClock(1);
    expect(sessions.find(sessionToken)).toBeNull();
  });

  it('ends a session with its SSO session if that ends first', async () => {
    const { sessions, start, advanceClock, now } = store();
    const { sessionToken, maxAgeSeconds } = await start(null, now() + 90_500);
    expect(maxAgeSeconds).toBe(90);
    expect(sessions.find(sessionToken)?.endsAt).toBe(now() + 90_500);
    advanceClock(90_500);
    expect(sessions.find(sessionToken)).toBeNull();
  });

  it('does not extend a session when it is used', async () => {
    const { sessions, start, advanceClock } = store();
    const { sessionToken } = await start();
    advanceClock(TTL_SECONDS * 500);
    sessions.find(sessionToken);
    advanceClock(TTL_SECONDS * 500);
    expect(sessions.find(sessionToken)).toBeNull();
  });

  it('ends the session that a new one replaces, and no other', async () => {
    const { sessions, start } = store();
    const [first, bystander] = [await start(), await start()];
    const second = await start(first.sessionToken);
    expect(second.sessionToken).not.toBe(first.sessionToken);
    expect(sessions.find(first.sessionToken)).toBeNull();
    expect(sessions.find(second.sessionToken)).not.toBeNull();
    expect(sessions.find(bystander.sessionToken)).not.toBeNull();
  });

  it('ends the given session and no other', async () => {
    const { sessions, start } = store();
    const [one, bystander] = [await start(), await start()];
    await sessions.end(one.sessionToken);
    await sessions.end(createSessionToken());
    expect(sessions.find(one.sessionToken)).toBeNull();
    expect(sessions.find(bystander.sessionToken)).not.toBeNull();
  });

  it('purges a session once it has expired, and not before', async () => {
    const { start, count, advanceClock, purge } = store();
    await start();
    advanceClock(TTL_SECONDS * 1000 - 1);
    await start();
    await purge();
    expect(count()).toBe(2);
    advanceClock(1);
    await purge();
    expect(count()).toBe(1);
  });

  it('stores the hash of a session token and never the token', async () => {
    const { file, start } = store();
    const { sessionToken } = await start();
    const bytes = Buffer.concat([readFileSync(file), readFileSync(`${file}-wal`)]);
    expect(bytes.includes(sha256(sessionToken))).toBe(true);
    expect(bytes.includes(sessionToken)).toBe(false);
    expect(bytes.includes(Buffer.from(sessionToken, 'base64url'))).toBe(false);
  });
});

describe('AppSessions.endBySid', () => {
  it('ends every app session of the SSO session, and no other', async () => {
    const { sessions, start, startOf } = store();
    const ended = [await start(), await start()];
    const bystander = await startOf('s2');
    expect(await sessions.endBySid({ sid: 's1', jti: 'j1' })).toBe(true);
    for (const { sessionToken } of ended) expect(sessions.find(sessionToken)).toBeNull();
    expect(sessions.find(bystander.sessionToken)).not.toBeNull();
  });

  it('accepts each jti once, even with another sid', async () => {
    const { sessions, startOf } = store();
    const calls = Array.from({ length: 20 }, () => sessions.endBySid({ sid: 's1', jti: 'j1' }));
    expect((await Promise.all(calls)).filter((isDone) => isDone)).toHaveLength(1);
    const bystander = await startOf('s2');
    expect(await sessions.endBySid({ sid: 's2', jti: 'j1' })).toBe(false);
    expect(sessions.find(bystander.sessionToken)).not.toBeNull();
    expect(await sessions.endBySid({ sid: 's2', jti: 'j2' })).toBe(true);
    expect(sessions.find(bystander.sessionToken)).toBeNull();
  });

  it('lets no further session start, and keeps the session that it would have replaced', async () => {
    const { sessions, start, startOf, count } = store();
    const other = await startOf('s2');
    await sessions.endBySid({ sid: 's1', jti: 'j1' });
    await expect(start(other.sessionToken)).rejects.toMatchObject({ code: 'invalid-token' });
    expect(count()).toBe(1);
    expect(sessions.find(other.sessionToken)).not.toBeNull();
  });

  it('leaves no session behind when sessions start at the same time, in any order', async () => {
    const { sessions, startOf, count } = store();
    for (let round = 0; round < 20; round += 1) {
      const sid = `s${round}`;
      const starts = Array.from({ length: round % 5 }, () => startOf(sid));
      const logout = sessions.endBySid({ sid, jti: `j${round}` });
      await Promise.allSettled([...starts, logout, startOf(sid)]);
    }
    expect(count()).toBe(0);
  });

  it('remembers a logout for an hour', async () => {
    const { sessions, start, count, advanceClock, purge } = store();
    await sessions.endBySid({ sid: 's1', jti: 'j1' });
    advanceClock(HOUR_MS - 1);
    await purge();
    expect(await sessions.endBySid({ sid: 's1', jti: 'j1' })).toBe(false);
    await expect(start()).rejects.toMatchObject({ code: 'invalid-token' });
    advanceClock(1);
    await purge();
    expect(count('logout_token')).toBe(0);
  });
});

describe('AppSessions.signOutOfSite', () => {
  it('ends all app sessions of the SSO session and no other, and lets no further one start', async () => {
    const { sessions, start, startOf, count } = store();
    const [one, two, other] = [await start(), await start(), await startOf('s2')];
    await sessions.signOutOfSite(one.sessionToken);
    expect([one, two, other].map(({ sessionToken }) => sessions.find(sessionToken)?.sid)).toEqual([
      undefined,
      undefined,
      's2',
    ]);
    expect([sessions.isSignedOutOfSite('s1'), sessions.isSignedOutOfSite('s2')]).toEqual([true, false]);
    await expect(start()).rejects.toMatchObject({ code: 'invalid-token' });
    await startOf('s2');
    expect(count()).toBe(2);
  });

  it('reports the end of the SSO session once', async () => {
    const { sessions, start, ended } = store();
    const [one] = [await start(), await start()];
    await sessions.signOutOfSite(one.sessionToken);
    await sessions.signOutOfSite(one.sessionToken);
    expect(ended.listAfter(0)).toEqual([{ id: 1, sid: 's1' }]);
  });

  it('remembers a sign-out for an hour beyond the latest end of its SSO session', async () => {
    const { sessions, start, advanceClock, count, purge } = store();
    const { sessionToken } = await start();
    await sessions.signOutOfSite(sessionToken);
    advanceClock(13 * HOUR_MS - 1);
    await purge();
    await expect(start()).rejects.toMatchObject({ code: 'invalid-token' });
    advanceClock(1);
    await purge();
    expect(count('site_sign_out')).toBe(0);
  });

  it('accepts a session token that a renewal has replaced, for an hour [T-SIGNOUT-05]', async () => {
    for (const [later, left] of [
      [HOUR_MS - 1, 0],
      [HOUR_MS, 1],
    ] as const) {
      const { sessions, start, advanceClock, count, purge } = store();
      const { sessionToken } = await start();
      await start(sessionToken);
      advanceClock(later);
      await purge();
      const before = count();
      expect(await sessions.signOutOfSite(sessionToken)).toBe(left === 0);
      expect(count()).toBe(left === 0 ? 0 : before);
    }
  });

  it('does nothing for an unknown session token', async () => {
    const { sessions, start, count } = store();
    await start();
    expect(await sessions.signOutOfSite(createSessionToken())).toBe(false);
    expect([count(), count('site_sign_out')]).toEqual([1, 0]);
  });
});

describe('the migrations', () => {
  it('keep the sessions of a version 1 database, and a logout ends them', async () => {
    const file = newDatabase();
    const sessionToken = createSessionToken();
    const older = new Database(file, MIGRATIONS.slice(0, 1));
    older.sqlite
      .prepare("INSERT INTO app_session VALUES (?, 's1', 'a1', 'ada', 'Ada Lovelace', 1, 1000)")
      .run(sha256(sessionToken));
    older.close();

    const database = new Database(file, MIGRATIONS);
    onTestFinished(() => database.close());
    const sessions = new AppSessions(database, () => 500, TTL_SECONDS);
    expect(sessions.find(sessionToken)?.account).toEqual(ACCOUNT);
    await sessions.endBySid({ sid: 's1', jti: 'j1' });
    expect(sessions.find(sessionToken)).toBeNull();
  });

  it('remember a sign-out for 30 days if an older session lacks the end of its SSO session', async () => {
    const file = newDatabase();
    const sessionToken = createSessionToken();
    const older = new Database(file, MIGRATIONS.slice(0, 3));
    older.sqlite
      .prepare("INSERT INTO app_session VALUES (?, 's1', 'a1', 'ada', 'Ada Lovelace', 1, 1000)")
      .run(sha256(sessionToken));
    older.close();

    const database = new Database(file, MIGRATIONS);
    onTestFinished(() => database.close());
    await new AppSessions(database, () => 500, TTL_SECONDS).signOutOfSite(sessionToken);
    const endsAt = database.sqlite.prepare('SELECT ends_at FROM site_sign_out').pluck().get();
    expect(endsAt).toBe(1 + 30 * 24 * HOUR_MS);
  });
});
