import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../../../test/support/temporary-folder.fixture.ts';
import { SqliteDatabase } from './sqlite-database.ts';

const file = () => join(temporaryFolder(), 'service.db');

function open(path: string): SqliteDatabase {
  const database = new SqliteDatabase(path, ['CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT']);
  onTestFinished(() => database.close());
  insert(database, 1);
  return database;
}

const parents = ({ sqlite }: SqliteDatabase) =>
  sqlite.prepare('SELECT id FROM parent ORDER BY id').pluck().all();
const insert = ({ sqlite }: SqliteDatabase, id: number) =>
  sqlite.prepare('INSERT INTO parent VALUES (?)').run(id);

describe('a slice of work in the background', () => {
  it('leaves little in the write-ahead log for a later commit, however many came before', async () => {
    const database = open(file());
    for (let slice = 1; slice <= 10; slice += 1) {
      await database.runInBackground(() =>
        database.sqlite.exec(
          `WITH RECURSIVE number (id) AS
             (SELECT ${10_000 * slice} UNION ALL SELECT id + 1 FROM number LIMIT 2000)
           INSERT INTO parent SELECT id FROM number`,
        ),
      );
    }
    insert(database, 2);
    const [next] = database.sqlite.pragma('wal_checkpoint(PASSIVE)') as { log: number }[];
    // Without checkpoints, the log would have ten times as many pages.
    expect(next?.log).toBeLessThan(20);
  });

  it('happens as a whole or not at all', async () => {
    const database = open(file());
    expect(await database.runInBackground(() => insert(database, 2).changes)).toBe(1);
    const failing = database.runInBackground(() => {
      insert(database, 3);
      throw new Error('out of order');
    });
    await expect(failing).rejects.toThrow('out of order');
    expect(parents(database)).toEqual([1, 2]);
  });

  it('waits for another process’s lock like any other work', async () => {
    const path = file();
    const database = open(path);
    const other = new Sqlite(path);
    onTestFinished(() => void other.close());
    other.exec('BEGIN IMMEDIATE');
    const work = () => insert(database, 2).changes;
    await expect(database.runInBackground(work)).rejects.toMatchObject({ code: 'unavailable' });
    other.exec('ROLLBACK');
    expect(await database.runInBackground(work)).toBe(1);
  });
});
