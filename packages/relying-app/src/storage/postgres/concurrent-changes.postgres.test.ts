/** Slow transactions of another instance. */
import { expect, onTestFinished, test } from 'vitest';
import { connectTo, postgresUrl } from '../../../../../test/support/postgres.ts';
import { postgresOptions } from '../../postgres-app.fixture.ts';
import { MAX_BATCH_ROWS } from '../app-store.ts';
import { LIFETIME_MS, NOW, newLogout, newSession } from '../contract/given.ts';
import { openStore } from '../open-store.ts';

async function newStore() {
  const options = await postgresOptions();
  const { store } = await openStore(options);
  onTestFinished(() => store.close());
  /** Another instance. */
  const connect = () => connectTo(options.database, onTestFinished);
  const start = async (sid: string, startedAt = NOW) => {
    const session = newSession({ sid, startedAt });
    expect(await store.sessions.start(session, null)).toBe(true);
    return session.tokenHash;
  };
  const readFrom = async (position: string) => {
    const sids: string[] = [];
    let batch = await store.endedSessions.readAfter(position);
    for (; batch.sids.length > 0; batch = await store.endedSessions.readAfter(batch.position)) {
      sids.push(...batch.sids);
    }
    return { sids, position: batch.position };
  };
  return { store, other: await connect(), third: await connect(), start, readFrom };
}

const LOCK_SID = `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`;
const LOG_END = 'INSERT INTO ended_session (sid, ended_at) VALUES ($1, $2)';
const LOG_MANY = `INSERT INTO ended_session (sid, ended_at)
  SELECT 'many ' || number, $1 FROM generate_series(1, $2::int) AS number`;

test('a reader gets the entry of a transaction that commits after later ones, once', async () => {
  const { store, other, start, readFrom } = await newStore();
  const beginning = await store.endedSessions.position();
  await other.query('BEGIN');
  await other.query(LOG_END, ['slow', NOW]);
  await store.sessions.end(await start('fast'), 'app', NOW);
  const first = await readFrom(beginning);
  expect(first.sids).toEqual(['fast']);
  await other.query('COMMIT');
  const second = await readFrom(first.position);
  expect(second.sids).toEqual(['slow']);
  expect((await readFrom(second.position)).sids).toEqual([]);
  expect((await readFrom(beginning)).sids.toSorted()).toEqual(['fast', 'slow']);
});

test('a reader gets the entry of a transaction that commits between two batches, once', async () => {
  const { store, other, third, readFrom } = await newStore();
  const beginning = await store.endedSessions.position();
  await other.query('BEGIN');
  await other.query(LOG_END, ['slow', NOW]);
  await third.query(LOG_MANY, [NOW, MAX_BATCH_ROWS + 1]);
  const batch = await store.endedSessions.readAfter(beginning);
  expect(batch.sids).toHaveLength(MAX_BATCH_ROWS);
  await other.query('COMMIT');
  await third.query(LOG_END, ['later', NOW]);
  const rest = await readFrom(batch.position);
  expect(rest.sids.toSorted()).toEqual(['later', `many ${MAX_BATCH_ROWS + 1}`, 'slow']);
});

test('a long transaction in another database of the server delays no entry', async () => {
  const { store, start, readFrom } = await newStore();
  const elsewhere = await connectTo(await postgresUrl(), onTestFinished);
  await elsewhere.query('BEGIN; SELECT pg_current_xact_id()');
  const beginning = await store.endedSessions.position();
  await store.sessions.end(await start('s1'), 'app', NOW);
  expect((await readFrom(beginning)).sids).toEqual(['s1']);
});

test('a logout ends the session that another instance was just starting', async () => {
  const { store, other, readFrom } = await newStore();
  const beginning = await store.endedSessions.position();
  await other.query('BEGIN');
  await other.query(LOCK_SID, ['s1']);
  const logout = store.sessions.endBySid(newLogout(), NOW);
  await waitForLock(other);
  await other.query(
    `INSERT INTO app_session
       (token_hash, sid, account_id, username, display_name, started_at, ends_at, sso_ends_at)
     VALUES ('\\x00', 's1', 'a1', 'ada', 'Ada', $1, $2, $2)`,
    [NOW, NOW + LIFETIME_MS],
  );
  await other.query('COMMIT');
  expect(await logout).toBe(true);
  expect(await store.sessions.find(Buffer.from([0]), NOW)).toBeNull();
  expect((await readFrom(beginning)).sids).toEqual(['s1']);
});

test('a start is refused by the logout that another instance was just recording', async () => {
  const { store, other } = await newStore();
  await other.query('BEGIN');
  await other.query(LOCK_SID, ['s1']);
  const start = store.sessions.start(newSession(), null);
  await waitForLock(other);
  await other.query("INSERT INTO logout_token VALUES ('j1', 's1', $1, $1)", [NOW]);
  await other.query('COMMIT');
  expect(await start).toBe(false);
});

test('a change to one SSO session blocks neither another one nor a purge', async () => {
  const { store, other, start } = await newStore();
  const expired = [await start('s1', NOW - LIFETIME_MS), await start('s2', NOW - LIFETIME_MS)] as const;
  const isThere = () =>
    Promise.all(expired.map(async (hash) => (await store.sessions.find(hash, NOW - LIFETIME_MS)) !== null));
  await other.query('BEGIN');
  await other.query(LOCK_SID, ['s1']);
  await start('s2');
  expect(await store.sessions.purgeExpired(NOW)).toBe(true);
  expect(await isThere()).toEqual([true, false]);
  await other.query('COMMIT');
  expect(await store.sessions.purgeExpired(NOW)).toBe(true);
  expect(await isThere()).toEqual([false, false]);
});

test('a lock that is held too long makes one call fail, which then changes nothing', async () => {
  const { store, other, start } = await newStore();
  const tokenHash = await start('s1');
  await other.query('BEGIN');
  await other.query(LOCK_SID, ['s1']);
  await expect(store.sessions.end(tokenHash, 'site', NOW)).rejects.toMatchObject({ code: 'unavailable' });
  await other.query('COMMIT');
  expect(await store.sessions.find(tokenHash, NOW)).not.toBeNull();
  expect(await store.signOuts.has('s1')).toBe(false);
});

test('two starts that replace each other’s session take their locks in the same order', async () => {
  const { store, other, start } = await newStore();
  const [first, second] = [await start('s1'), await start('s2')];
  const keys = "SELECT sid FROM unnest('{s1,s2}'::text[]) AS sid ORDER BY hashtextextended(sid, 0)";
  const [{ sid }] = (await other.query(keys)).rows;
  await other.query('BEGIN');
  await other.query(LOCK_SID, [sid]);
  const starts = Promise.all([
    store.sessions.start(newSession({ sid: 's1' }), second),
    store.sessions.start(newSession({ sid: 's2' }), first),
  ]);
  await waitForLock(other, 2);
  const held = `${COUNT_LOCKS} AND granted`;
  expect((await other.query(held)).rows, 'neither holds what the other needs').toEqual([{ count: 1 }]);
  await other.query('COMMIT');
  expect(await starts).toEqual([true, true]);
});

test('a claim takes what no other instance is just claiming, and waits for none', async () => {
  const { store, other, start } = await newStore();
  for (const sid of ['s1', 's2']) await store.sessions.end(await start(sid), 'site', NOW);
  await other.query('BEGIN');
  await other.query("UPDATE site_sign_out SET claimed_until = $1 WHERE sid = 's1'", [NOW + 5000]);
  expect(await store.signOuts.claim(2, NOW)).toEqual(['s2']);
  await other.query('COMMIT');
  expect(await store.signOuts.claim(2, NOW)).toEqual([]);
});

const COUNT_LOCKS = `SELECT count(*)::int
  FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
  WHERE locktype = 'advisory' AND datname = current_database()`;

/** Waits until this number of transactions wait for an advisory lock in this database. */
async function waitForLock(client: Awaited<ReturnType<typeof connectTo>>, expected = 1): Promise<void> {
  const waiting = async () => (await client.query(`${COUNT_LOCKS} AND NOT granted`)).rows[0].count;
  await expect.poll(waiting, { interval: 5 }).toBe(expected);
}
