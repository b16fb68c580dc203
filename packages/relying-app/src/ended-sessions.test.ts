/** The record of ended sessions that each process on the database reads (`housekeeping.ts`). */
import { createSessionToken, Database, sha256 } from '@samesite-sso/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppSessions } from './app-sessions.ts';
import { EndedSessions } from './ended-sessions.ts';
import { MIGRATIONS } from './schema.ts';
import { ACCOUNT, newDatabase } from './seeded-session.fixture.ts';

const TTL_MS = 1_800_000;
const HOUR_MS = 3_600_000;

function store() {
  let now = 1_700_000_000_000;
  const database = new Database(newDatabase(), MIGRATIONS);
  onTestFinished(() => database.close());
  const sessions = new AppSessions(database, () => now, TTL_MS / 1000);
  const ended = new EndedSessions(database, () => now);
  const start = async (sid: string, replaced: string | null = null) => {
    const { sessionToken } = await sessions.start(
      { account: ACCOUNT, sid, ssoEndsAt: now + 12 * HOUR_MS },
      replaced,
    );
    return sessionToken;
  };
  const ends = () => ended.listAfter(0).map(({ sid }) => sid);
  const purge = async () => {
    let slices = 0;
    while (await ended.purgeExpired()) slices += 1;
    return slices;
  };
  const advanceClock = (milliseconds: number) => {
    now += milliseconds;
  };
  const count = (table: string) => database.sqlite.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  return { sessions, ended, start, ends, purge, advanceClock, count };
}

describe('the record of ended SSO sessions', () => {
  it('gets one entry when the only app session is signed out', async () => {
    const { sessions, start, ends } = store();
    const sessionToken = await start('s1');
    expect(ends()).toEqual([]);
    await sessions.end(sessionToken);
    expect(ends()).toEqual(['s1']);
  });

  it('gets one entry when the last of several app sessions is signed out, and none before', async () => {
    const { sessions, start, ends } = store();
    const [first, second] = [await start('s1'), await start('s1')];
    await sessions.end(first);
    expect(ends()).toEqual([]);
    await sessions.end(second);
    expect(ends()).toEqual(['s1']);
  });

  it('gets one entry when a logout ends several app sessions, and none when it ends none', async () => {
    const { sessions, start, ends } = store();
    for (const sid of ['s1', 's1', 's2']) await start(sid);
    await sessions.endBySid({ sid: 's1', jti: 'j1' });
    await sessions.endBySid({ sid: 's1', jti: 'j2' });
    await sessions.endBySid({ sid: 'unheard of', jti: 'j3' });
    expect(ends()).toEqual(['s1']);
  });

  it('gets one entry when a session of another SSO session replaces the app session', async () => {
    const { start, ends } = store();
    await start('s2', await start('s1'));
    expect(ends()).toEqual(['s1']);
  });

  it('gets no entry when a session is renewed for the same SSO session', async () => {
    const { start, ends } = store();
    await start('s1', await start('s1'));
    expect(ends()).toEqual([]);
  });

  it('gets no entry when a logout prevents the start of a session', async () => {
    const { sessions, start, ends } = store();
    const sessionToken = await start('s2');
    await sessions.endBySid({ sid: 's1', jti: 'j1' });
    await expect(start('s1', sessionToken)).rejects.toMatchObject({ code: 'invalid-token' });
    expect(ends()).toEqual([]);
  });

  it('gets no entry for an unknown session token', async () => {
    const { sessions, start, ends } = store();
    await start('s1');
    await sessions.end(createSessionToken());
    await start('s2', createSessionToken());
    expect(ends()).toEqual([]);
  });

  it('gets one entry when the last app session expires, and none before', async () => {
    const { start, ends, purge, advanceClock } = store();
    await start('s1');
    advanceClock(1);
    await start('s1');
    advanceClock(TTL_MS - 1);
    await purge();
    expect(ends()).toEqual([]);
    advanceClock(1);
    await purge();
    expect(ends()).toEqual(['s1']);
  });

  it('gets one entry if one app session has expired and another is signed out', async () => {
    const { sessions, start, ends, purge, advanceClock } = store();
    await start('s1');
    advanceClock(TTL_MS);
    await sessions.end(await start('s1'));
    await purge();
    expect(ends()).toEqual(['s1']);
  });
});

describe('EndedSessions.listAfter', () => {
  it('returns entries in order, after the given id', async () => {
    const { sessions, ended, start } = store();
    expect(ended.lastId()).toBe(0);
    for (const sid of ['s1', 's2', 's3']) await sessions.end(await start(sid));
    const [first, ...others] = ended.listAfter(0);
    expect(ended.listAfter(first?.id ?? 0)).toEqual(others);
    expect(others.map(({ sid }) => sid)).toEqual(['s2', 's3']);
    expect(ended.lastId()).toBe(others[1]?.id);
  });

  it('returns entries for an hour, and never reuses an id', async () => {
    const { sessions, ended, start, ends, purge, advanceClock } = store();
    await sessions.end(await start('s1'));
    const seen = ended.lastId();
    advanceClock(HOUR_MS - 1);
    await purge();
    expect(ends()).toEqual(['s1']);
    advanceClock(1);
    await purge();
    expect(ends()).toEqual([]);
    await sessions.end(await start('s2'));
    expect(ended.listAfter(seen)).toEqual([{ id: seen + 1, sid: 's2' }]);
  });

  it('returns the ends of many expired sessions in batches, without a gap [T-FLOOD-05]', async () => {
    const { ended, start, ends, purge, advanceClock, count } = store();
    const sids = Array.from({ length: 1001 }, (_, index) => `s${index}`);
    for (const sid of sids) await start(sid);
    advanceClock(TTL_MS);
    expect(await purge(), 'a slice has at most 250 rows').toBeGreaterThan(4);
    expect(count('app_session')).toBe(0);
    expect(ends()).toHaveLength(500);
    const all: string[] = [];
    for (let id = 0, batch = ended.listAfter(id); batch.length > 0; batch = ended.listAfter(id)) {
      for (const end of batch) all.push(end.sid);
      id = batch.at(-1)?.id ?? 0;
    }
    expect(all.toSorted()).toEqual(sids.toSorted());
  });
});

describe('the migrations, for ended sessions,', () => {
  it('keep the sessions and logouts of a version 2 database, and record later ends', async () => {
    const file = newDatabase();
    const [active, expired] = [createSessionToken(), createSessionToken()];
    const older = new Database(file, MIGRATIONS.slice(0, 2));
    const insert = older.sqlite.prepare(
      "INSERT INTO app_session VALUES (?, ?, 'a1', 'ada', 'Ada Lovelace', 1, ?)",
    );
    insert.run(sha256(active), 's1', 1000);
    insert.run(sha256(expired), 's2', 500);
    older.sqlite.exec("INSERT INTO logout_token VALUES ('j0', 's0', 1)");
    older.close();

    const database = new Database(file, MIGRATIONS);
    onTestFinished(() => database.close());
    const sessions = new AppSessions(database, () => 500, TTL_MS / 1000);
    const ended = new EndedSessions(database, () => 500);
    expect(sessions.find(active)?.account).toEqual(ACCOUNT);
    expect(await sessions.endBySid({ sid: 's0', jti: 'j0' })).toBe(false);
    while (await ended.purgeExpired());
    await sessions.endBySid({ sid: 's1', jti: 'j1' });
    expect(ended.listAfter(0).map(({ sid }) => sid)).toEqual(['s2', 's1']);
  });
});
