import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { Database } from './database.ts';

const file = () => join(temporaryFolder(), 'service.db');

function open(path: string): Database {
  const database = new Database(path, ['CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT']);
  onTestFinished(() => database.close());
  insert(database, 1);
  return database;
}

const parents = ({ sqlite }: Database) => sqlite.prepare('SELECT id FROM parent ORDER BY id').pluck().all();
const insert = ({ sqlite }: Database, id: number) => sqlite.prepare('INSERT INTO parent VALUES (?)').run(id);

describe('a slice of work in the background', () => {
  it('leaves little in the write-ahead log for a later commit, however many came before', async () => {
    const database = open(file());
    for (let slice = 1; slice <= 120; slice += 1) {
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
    // Without a checkpoint there would be twice as many.
    expect(next?.log).toBeLessThan(300);
  });

  it('happens as a whole or not at all, and later writes are synced again', async () => {
    const database = open(file());
    const synchronous = () => database.write(() => database.sqlite.pragma('synchronous', { simple: true }));
    const FULL = 2;
    expect(await database.runInBackground(() => insert(database, 2).changes)).toBe(1);
    expect(await synchronous()).toBe(FULL);
    const failing = database.runInBackground(() => {
      insert(database, 3);
      throw new Error('out of order');
    });
    await expect(failing).rejects.toThrow('out of order');
    expect(await synchronous()).toBe(FULL);
    expect(parents(database)).toEqual([1, 2]);
  });

  it('is followed by no unsynced write: until it can be synced, a write is unavailable', async () => {
    const database = open(file());
    await database.runInBackground(() => {});
    database.sqlite.exec('BEGIN'); // Within a transaction, SQLite doesn't change how it syncs.
    await expect(database.write(() => insert(database, 2))).rejects.toMatchObject({ code: 'unavailable' });
    database.sqlite.exec('ROLLBACK');
    expect(parents(database)).toEqual([1]);
    expect(await database.write(() => insert(database, 2).changes)).toBe(1);
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
