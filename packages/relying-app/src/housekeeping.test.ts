import { rmSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Database } from '@samesite-sso/core';
import Fastify from 'fastify';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { MIGRATIONS } from './schema.ts';
import { newDatabase, seedSession, serve } from './seeded-session.fixture.ts';

/** Fakes the polls alone, not the timers by which one poll waits for a lock. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
});

/** An app that listens, on a database with this many sessions of its past, each of its own SSO session. */
async function serveWithPast(expired: number) {
  const file = newDatabase();
  const database = new Database(file, MIGRATIONS);
  onTestFinished(() => database.close());
  database.sqlite
    .prepare(
      `WITH RECURSIVE row (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row LIMIT ?)
       INSERT INTO app_session SELECT randomblob(32), 's' || n, 'a1', 'ada', 'Ada Lovelace', 0, 1, 1 FROM row`,
    )
    .run(expired);
  const lines: string[] = [];
  const host = Fastify({ logger: { stream: { write: (line) => void lines.push(line) } } });
  const app = await serve({ database: file }, host);
  const told: string[] = [];
  app.sso.onSessionEnded((sid) => told.push(sid));
  const count = () => database.sqlite.prepare('SELECT count(*) FROM app_session').pluck().get();
  const failures = () => lines.filter((line) => line.includes('housekeeping of app sessions failed'));
  return { app, file, database, told, count, failures };
}

it('one poll purges all that is past, in as many slices as it takes, and reports each end once', async () => {
  const { told, count } = await serveWithPast(1201);
  vi.advanceTimersByTime(1000);
  await expect.poll(count).toBe(0);
  await expect.poll(() => told).toHaveLength(1201);
  expect(new Set(told).size).toBe(1201);
});

it('polls once a minute until there is a listener, then once a second, however many there are', async () => {
  const file = newDatabase();
  await seedSession(file, { ttlSeconds: 1 });
  const database = new Database(file, MIGRATIONS);
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

it('a database that fails is logged once, not every second', async () => {
  const { file, failures } = await serveWithPast(0);
  rmSync(file);
  for (let second = 0; second < 10; second += 1) await vi.advanceTimersByTimeAsync(1000);
  expect(failures()).toEqual([expect.stringContaining('is gone')]);
});

it('a database that fails again is logged again', async () => {
  const { database, told, failures } = await serveWithPast(0);
  for (const sid of ['s1', 's2']) {
    database.sqlite
      .prepare("INSERT INTO app_session VALUES (randomblob(32), ?, 'a1', 'ada', 'Ada Lovelace', 0, 1, 1)")
      .run(sid);
    const before = failures().length;
    database.sqlite.exec('BEGIN IMMEDIATE');
    vi.advanceTimersByTime(1000);
    await vi.waitUntil(() => failures().length > before);
    database.sqlite.exec('ROLLBACK');
    vi.advanceTimersByTime(1000);
    await vi.waitUntil(() => told.includes(sid));
    for (let turn = 0; turn < 3; turn += 1) await setImmediate(); // The poll comes to its end.
  }
  expect(failures()).toHaveLength(2);
});

it('an app that closes lets a poll that waits for a lock finish before the database is closed', async () => {
  const { app, database, count, failures } = await serveWithPast(1);
  database.sqlite.exec('BEGIN IMMEDIATE');
  vi.advanceTimersByTime(1000);
  const closed = app.close();
  database.sqlite.exec('ROLLBACK');
  await closed;
  expect(count()).toBe(0);
  expect(failures()).toEqual([]);
});
