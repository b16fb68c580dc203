import { rmSync } from 'node:fs';
import { SqliteDatabase } from '@samesite-sso/core';
import Fastify from 'fastify';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { newDatabase, seedSession, serve } from './seeded-session.fixture.ts';
import { MIGRATIONS } from './storage/sqlite/schema.ts';

/** Fakes only the interval of the polls, not the timeouts with which a poll waits for a lock. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
});

const COLUMNS = 'secret_hash, sid, account_id, username, display_name, started_at, ends_at, sso_ends_at';

/** An app with a listener, and with expired sessions that each belong to another SSO session. */
async function serveWithPast(expired: number) {
  const file = newDatabase();
  const database = new SqliteDatabase(file, MIGRATIONS);
  onTestFinished(() => database.close());
  database.sqlite
    .prepare(
      `WITH RECURSIVE row (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row LIMIT ?)
       INSERT INTO app_session (${COLUMNS})
         SELECT randomblob(32), 's' || n, 'a1', 'ada', 'Ada Lovelace', 0, 1, 1 FROM row`,
    )
    .run(expired);
  const lines: string[] = [];
  const host = Fastify({ logger: { stream: { write: (line) => void lines.push(line) } } });
  const app = await serve({ database: file }, host);
  const reported: string[] = [];
  app.sso.onSessionEnded((sid) => reported.push(sid));
  const count = () => database.sqlite.prepare('SELECT count(*) FROM app_session').pluck().get();
  const failures = () => lines.filter((line) => line.includes('housekeeping of app sessions failed'));
  return { app, file, database, reported, count, failures };
}

it('one poll purges all that has expired, in slices, and reports each end once [T-FLOOD-05]', async () => {
  const { reported, count } = await serveWithPast(1201);
  vi.advanceTimersByTime(1000);
  await expect.poll(count).toBe(0);
  await expect.poll(() => reported).toHaveLength(1201);
  expect(new Set(reported).size).toBe(1201);
});

it('housekeeping polls once a minute without a listener, and once a second with listeners', async () => {
  const file = newDatabase();
  await seedSession(file, { ttlSeconds: 1 });
  const database = new SqliteDatabase(file, MIGRATIONS);
  onTestFinished(() => database.close());
  const app = await serve({ database: file, clock: () => Date.now() + 2000 });
  const count = () => database.sqlite.prepare('SELECT count(*) FROM app_session').pluck().get();
  await vi.advanceTimersByTimeAsync(59_000);
  expect(count()).toBe(1);
  for (let listener = 0; listener < 10; listener += 1) {
    app.sso.onSessionEnded(() => {});
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(count()).toBe(0);
});

it('a database failure is logged once per outage, with its reason', async () => {
  const { file, failures } = await serveWithPast(0);
  rmSync(file);
  for (let second = 0; second < 10; second += 1) await vi.advanceTimersByTimeAsync(1000);
  expect(failures()).toEqual([expect.stringContaining(`"reason":"${file} `)]);
});

it('a second outage of the database is logged again', async () => {
  const { database, reported, failures } = await serveWithPast(0);
  for (const sid of ['s1', 's2']) {
    database.sqlite
      .prepare(
        `INSERT INTO app_session (${COLUMNS})
         VALUES (randomblob(32), ?, 'a1', 'ada', 'Ada Lovelace', 0, 1, 1)`,
      )
      .run(sid);
    const before = failures().length;
    database.sqlite.exec('BEGIN IMMEDIATE');
    vi.advanceTimersByTime(1000);
    await vi.waitUntil(() => failures().length > before, 10_000);
    database.sqlite.exec('ROLLBACK');
    vi.advanceTimersByTime(1000);
    await vi.waitUntil(() => reported.includes(sid), 10_000);
  }
  expect(failures()).toHaveLength(2);
});

it('closing the app waits for a running poll before it closes the database', async () => {
  const { app, database, count, failures } = await serveWithPast(1);
  database.sqlite.exec('BEGIN IMMEDIATE');
  vi.advanceTimersByTime(1000);
  const closed = app.close();
  database.sqlite.exec('ROLLBACK');
  await closed;
  expect(count()).toBe(0);
  expect(failures()).toEqual([]);
});
