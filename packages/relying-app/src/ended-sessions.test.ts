/** The ends of sessions that the database records, for each process that shares it (`housekeeping.ts`). */
import { createSessionToken, Database, sha256 } from '@samesite-sso/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppSessions } from './app-sessions.ts';
import { MIGRATIONS } from './schema.ts';
import { ACCOUNT, newDatabase } from './seeded-session.fixture.ts';

const TTL_MS = 1_800_000;
const HOUR_MS = 3_600_000;

function store() {
  let now = 1_700_000_000_000;
  const database = new Database(newDatabase(), MIGRATIONS);
  onTestFinished(() => database.close());
  const sessions = new AppSessions(database, () => now, TTL_MS / 1000);
  const start = async (sid: string, replaced: string | null = null) => {
    const { sessionToken } = await sessions.start(
      { account: ACCOUNT, sid, ssoEndsAt: now + 12 * HOUR_MS },
      replaced,
    );
    return sessionToken;
  };
  const ends = () => sessions.endedAfter(0).map(({ sid }) => sid);
  const purge = async () => {
    let slices = 0;
    while (await sessions.purgeExpired()) slices += 1;
    return slices;
  };
  const pass = (milliseconds: number) => {
    now += milliseconds;
  };
  const count = (table: string) => database.sqlite.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  return { sessions, start, ends, purge, pass, count };
}

describe('an SSO session has ended for the app', () => {
  it('once its only app session is signed out of', async () => {
    const { sessions, start, ends } = store();
    const sessionToken = await start('s1');
    expect(ends()).toEqual([]);
    await sessions.end(sessionToken);
    expect(ends()).toEqual(['s1']);
  });

  it('once the last of several is, and not before', async () => {
    const { sessions, start, ends } = store();
    const [first, second] = [await start('s1'), await start('s1')];
    await sessions.end(first);
    expect(ends()).toEqual([]);
    await sessions.end(second);
    expect(ends()).toEqual(['s1']);
  });

  it('once, by a logout of all of them, and not by one that finds none', async () => {
    const { sessions, start, ends } = store();
    for (const sid of ['s1', 's1', 's2']) await start(sid);
    await sessions.endBySid({ sid: 's1', jti: 'j1' });
    await sessions.endBySid({ sid: 's1', jti: 'j2' });
    await sessions.endBySid({ sid: 'unheard of', jti: 'j3' });
    expect(ends()).toEqual(['s1']);
  });

  it('once a session of another SSO session takes its place', async () => {
    const { start, ends } = store();
    await start('s2', await start('s1'));
    expect(ends()).toEqual(['s1']);
  });

  it('not by a renewal, which takes its place for the same SSO session', async () => {
    const { start, ends } = store();
    await start('s1', await start('s1'));
    expect(ends()).toEqual([]);
  });

  it('not by a start that a logout prevents: the session that came along lives on', async () => {
    const { sessions, start, ends } = store();
    const sessionToken = await start('s2');
    await sessions.endBySid({ sid: 's1', jti: 'j1' });
    await expect(start('s1', sessionToken)).rejects.toMatchObject({ code: 'invalid-token' });
    expect(ends()).toEqual([]);
  });

  it('not by a sessionToken that nobody has', async () => {
    const { sessions, start, ends } = store();
    await start('s1');
    await sessions.end(createSessionToken());
    await start('s2', createSessionToken());
    expect(ends()).toEqual([]);
  });

  it('once the last one’s time is over, and not before', async () => {
    const { start, ends, purge, pass } = store();
    await start('s1');
    pass(1);
    await start('s1');
    pass(TTL_MS - 1);
    await purge();
    expect(ends()).toEqual([]);
    pass(1);
    await purge();
    expect(ends()).toEqual(['s1']);
  });

  it('once, where one of its sessions ran out unnoticed before another was signed out of', async () => {
    const { sessions, start, ends, purge, pass } = store();
    await start('s1');
    pass(TTL_MS);
    await sessions.end(await start('s1'));
    await purge();
    expect(ends()).toEqual(['s1']);
  });
});

describe('ends', () => {
  it('come in order, after the one that was seen last', async () => {
    const { sessions, start } = store();
    expect(sessions.lastEndedId()).toBe(0);
    for (const sid of ['s1', 's2', 's3']) await sessions.end(await start(sid));
    const [first, ...others] = sessions.endedAfter(0);
    expect(sessions.endedAfter(first?.id ?? 0)).toEqual(others);
    expect(others.map(({ sid }) => sid)).toEqual(['s2', 's3']);
    expect(sessions.lastEndedId()).toBe(others[1]?.id);
  });

  it('are forgotten after an hour, and their ids never given again', async () => {
    const { sessions, start, ends, purge, pass } = store();
    await sessions.end(await start('s1'));
    const seen = sessions.lastEndedId();
    pass(HOUR_MS - 1);
    await purge();
    expect(ends()).toEqual(['s1']);
    pass(1);
    await purge();
    expect(ends()).toEqual([]);
    await sessions.end(await start('s2'));
    expect(sessions.endedAfter(seen)).toEqual([{ id: seen + 1, sid: 's2' }]);
  });

  it('of many sessions whose time is over come in slices, none left out', async () => {
    const { start, ends, purge, pass, sessions, count } = store();
    const sids = Array.from({ length: 1001 }, (_, index) => `s${index}`);
    for (const sid of sids) await start(sid);
    pass(TTL_MS);
    expect(await purge()).toBe(11);
    expect(count('app_session')).toBe(0);
    expect(ends()).toHaveLength(500);
    const all: string[] = [];
    for (let id = 0, slice = sessions.endedAfter(id); slice.length > 0; slice = sessions.endedAfter(id)) {
      for (const end of slice) all.push(end.sid);
      id = slice.at(-1)?.id ?? 0;
    }
    expect(all.toSorted()).toEqual(sids.toSorted());
  });
});

describe('a database of the second version', () => {
  it('keeps its sessions and logouts, and records what ends from now on', async () => {
    const file = newDatabase();
    const [living, overdue] = [createSessionToken(), createSessionToken()];
    const older = new Database(file, MIGRATIONS.slice(0, 2));
    const insert = older.sqlite.prepare(
      "INSERT INTO app_session VALUES (?, ?, 'a1', 'ada', 'Ada Lovelace', 1, ?)",
    );
    insert.run(sha256(living), 's1', 1000);
    insert.run(sha256(overdue), 's2', 500);
    older.sqlite.exec("INSERT INTO logout_token VALUES ('j0', 's0', 1)");
    older.close();

    const database = new Database(file, MIGRATIONS);
    onTestFinished(() => database.close());
    const sessions = new AppSessions(database, () => 500, TTL_MS / 1000);
    expect(sessions.find(living)?.account).toEqual(ACCOUNT);
    expect(await sessions.endBySid({ sid: 's0', jti: 'j0' })).toBe(false);
    while (await sessions.purgeExpired());
    await sessions.endBySid({ sid: 's1', jti: 'j1' });
    expect(sessions.endedAfter(0).map(({ sid }) => sid)).toEqual(['s2', 's1']);
  });
});
