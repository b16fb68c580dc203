/** A database with one small table, for tests. */
import { expect, onTestFinished } from 'vitest';
import { ONE_SECOND_WHEN_BUSY_MS } from '../../../../../test/support/one-second.ts';
import { postgresUrl } from '../../../../../test/support/postgres.ts';
import { HttpProblem } from '../../problem/http-problem.ts';
import { parsePostgresUrl } from '../postgres-url.ts';
import { PostgresDatabase } from './postgres-database.ts';

export const MIGRATIONS = [
  'CREATE TABLE item (id bigint PRIMARY KEY, name text COLLATE "C"); INSERT INTO item VALUES (1, \'one\')',
  "INSERT INTO item VALUES (2, 'two')",
];

interface OpeningOptions {
  clock?: () => number;
  warn?: (message: string) => void;
}

export async function openDatabase(url?: string, more: OpeningOptions = {}): Promise<PostgresDatabase> {
  const options = { program: 'sso', migrations: MIGRATIONS, ...more } as const;
  const database = await PostgresDatabase.open(parsePostgresUrl(url ?? (await postgresUrl())), options);
  onTestFinished(() => database.close());
  return database;
}

/** Renames both items in one transaction. */
export const rename = (database: PostgresDatabase, name: string) =>
  database.transact(async (transaction) => {
    await transaction.query('UPDATE item SET name = $1 WHERE id = 1', [name]);
    await transaction.query('UPDATE item SET name = $1 WHERE id = 2', [name]);
  });

export const renameByWrite = (database: PostgresDatabase, name: string) =>
  database.write('UPDATE item SET name = $1 WHERE id = 1', [name]);

export async function names(database: PostgresDatabase): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>('SELECT name FROM item ORDER BY id');
  return rows.map(({ name }) => name);
}

/** Settles to `done`, the reason for the log of `unavailable`, or any other error. */
export const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) =>
      error instanceof HttpProblem && error.code === 'unavailable'
        ? `unavailable: ${error.logReason}`
        : error,
  );

/** Reads and writes in every way. Returns the outcome of each, which must come within a second. */
export async function useInEveryWay(database: PostgresDatabase): Promise<unknown[]> {
  const started = performance.now();
  const outcomes = await Promise.all(
    [names(database), renameByWrite(database, 'new'), rename(database, 'new')].map(outcomeOf),
  );
  expect(performance.now() - started).toBeLessThan(ONE_SECOND_WHEN_BUSY_MS);
  return outcomes;
}

export async function expectRecovery(database: PostgresDatabase): Promise<void> {
  await expect.poll(() => database.isReady()).toBe(true);
  expect(await useInEveryWay(database)).toEqual(['done', 'done', 'done']);
}
