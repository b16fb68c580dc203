import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../../../test/support/temporary-folder.fixture.ts';
import { HttpProblem } from '../../problem/http-problem.ts';
import { SqliteDatabase } from './sqlite-database.ts';

const MIGRATIONS = [
  `CREATE TABLE word (word TEXT NOT NULL UNIQUE) STRICT;
   CREATE TABLE reference (word TEXT REFERENCES word (word) DEFERRABLE INITIALLY DEFERRED) STRICT;`,
];
const UNAVAILABLE = { status: 'rejected', reason: { code: 'unavailable' } };

function open() {
  const file = join(temporaryFolder(), 'service.db');
  const database = new SqliteDatabase(file, MIGRATIONS);
  const other = new Sqlite(file);
  onTestFinished(() => {
    database.close();
    other.close();
  });
  const select = other.prepare<[], string>('SELECT word FROM word ORDER BY rowid').pluck();
  const statement = database.sqlite.prepare('INSERT INTO word VALUES (?)');
  const insert = (word: string) => statement.run(word).changes;
  const write = (word: string) => database.write(() => insert(word));
  /** What another process sees, and so what is committed. */
  const committed = () => select.all();
  return { file, database, other, insert, write, committed };
}

describe('the writes of one turn of the event loop', () => {
  it('share a commit, and each settles after it with its own result', async () => {
    const { database, insert, committed } = open();
    const seen: string[][] = [];
    const write = async (word: string) => {
      const result = await database.write(() => {
        seen.push(committed());
        insert(word);
        return `result of ${word}`;
      });
      return [result, committed()];
    };
    const words = ['one', 'two', 'three'];
    expect(await Promise.all(words.map(write))).toEqual(words.map((word) => [`result of ${word}`, words]));
    expect(seen).toEqual([[], [], []]);
  });

  it('run in order of arrival, and each sees the ones before it', async () => {
    const { database, insert } = open();
    const words = Array.from({ length: 50 }, (_, index) => `word ${index}`);
    const count = database.sqlite.prepare('SELECT count(*) FROM word').pluck();
    const counts = words.map((word) => database.write(() => [count.get(), insert(word)]));
    expect(await Promise.all(counts)).toEqual(words.map((_, index) => [index, 1]));
  });

  it('are committed at the end of the turn: a write waits for no other', async () => {
    const { write, committed } = open();
    const writing = write('alone');
    await setImmediate();
    expect(committed()).toEqual(['alone']);
    await writing;
  });

  it('are never in one commit with a slice of background work', async () => {
    const { database, insert, committed } = open();
    const write = (word: string) => database.write(() => [committed(), insert(word)]);
    const first = write('first');
    const slice = database.runInBackground(() => [committed(), insert('slice')]);
    const last = write('last');
    expect(await Promise.all([first, slice, last])).toEqual([
      [['slice'], 1],
      [[], 1],
      // On a busy machine, the first write may take so long that the last one gets a commit of its own.
      [expect.arrayContaining(['slice']), 1],
    ]);
  });

  it('don’t hold up reads for long: after a slow one, the others are committed later', async () => {
    const { database, insert, committed } = open();
    const slow = database.write(() => {
      insert('slow');
      for (const endsAt = performance.now() + 20; performance.now() < endsAt; );
    });
    const next = database.write(committed);
    await slow;
    expect(await next).toEqual(['slow']);
  });
});

describe('a write that fails', () => {
  const problem = new HttpProblem('invalid-token');

  it('is rolled back alone, and its caller gets its error', async () => {
    const { database, insert, write, committed } = open();
    const failing = database.write(() => {
      insert('failing');
      throw problem;
    });
    const writes = [write('one'), failing, write('one'), write('two')];
    expect(await Promise.allSettled(writes)).toMatchObject([
      { value: 1 },
      { reason: problem },
      { reason: { code: 'SQLITE_CONSTRAINT_UNIQUE' } },
      { value: 1 },
    ]);
    expect(committed()).toEqual(['one', 'two']);
  });

  it('is rolled back if it is the only one, too', async () => {
    const { database, insert, write, committed } = open();
    const failing = database.write(() => {
      insert('failing');
      throw problem;
    });
    await expect(failing).rejects.toBe(problem);
    expect(await write('next')).toBe(1);
    expect(committed()).toEqual(['next']);
  });

  const fill = ({ sqlite }: SqliteDatabase, values: string) => {
    sqlite.pragma(`max_page_count = ${sqlite.pragma('page_count', { simple: true })}`);
    return sqlite.exec(`INSERT INTO word VALUES ${values}`);
  };
  it.each<[string, string, (database: SqliteDatabase) => unknown]>([
    // For a statement with one row, SQLite rolls back the whole transaction; for one with several, only the
    // statement.
    [
      'the disk is too full for its row',
      'SQLITE_FULL: ',
      (database) => fill(database, '(hex(zeroblob(50000)))'),
    ],
    [
      'the disk is too full for one of its rows',
      'SQLITE_FULL: ',
      (database) => fill(database, "('little'), (hex(zeroblob(50000)))"),
    ],
    [
      'SQLite rolls back the whole transaction',
      'UNIQUE constraint failed',
      ({ sqlite }) => sqlite.exec("INSERT OR ROLLBACK INTO word VALUES ('one')"),
    ],
    [
      'it hides that SQLite rolled back the whole transaction',
      'no such savepoint',
      ({ sqlite }) => {
        try {
          sqlite.exec("INSERT OR ROLLBACK INTO word VALUES ('one')");
        } catch {}
        return 'done';
      },
    ],
    [
      'the commit fails',
      'FOREIGN KEY constraint failed',
      ({ sqlite }) => sqlite.exec("INSERT INTO reference VALUES ('missing')"),
    ],
  ])('makes all writes of the commit fail with "unavailable" if %s', async (_why, logReason, work) => {
    const { database, write, committed } = open();
    const refused = database.write(() => {
      throw problem;
    });
    const writes = [write('one'), refused, database.write(() => work(database)), write('two')];
    expect(await Promise.allSettled(writes)).toMatchObject(
      Array(4).fill({ ...UNAVAILABLE, reason: { logReason: expect.stringContaining(logReason) } }),
    );
    expect(committed()).toEqual([]);
    expect(database.sqlite.inTransaction).toBe(false);
    expect(await write('next')).toBe(1);
    expect(committed()).toEqual(['next']);
  });
});

describe('writes while another process holds the lock', () => {
  it('wait without blocking the process, and are committed in order of arrival', async () => {
    const { other, write, committed } = open();
    other.exec('BEGIN IMMEDIATE');
    const writes = [write('one'), write('two')];
    await setImmediate();
    writes.push(write('three'));
    await setImmediate();
    expect(committed()).toEqual([]);
    other.exec('COMMIT');
    expect(await Promise.all(writes)).toEqual([1, 1, 1]);
    expect(committed()).toEqual(['one', 'two', 'three']);
  });

  it('fail with "unavailable" if it isn’t released in time, and later ones succeed', async () => {
    const { database, other, write, committed } = open();
    other.exec('BEGIN IMMEDIATE');
    expect(await Promise.allSettled([write('one'), write('two')])).toMatchObject([UNAVAILABLE, UNAVAILABLE]);
    expect(await database.isReady()).toBe(false);
    other.exec('COMMIT');
    expect(await write('three')).toBe(1);
    expect(committed()).toEqual(['three']);
    expect(await database.isReady()).toBe(true);
  });
});

describe('closing a database', () => {
  it('commits the writes that wait, however long they take', async () => {
    const { database, insert, committed } = open();
    const slow = (word: string) =>
      database.write(() => {
        insert(word);
        for (const endsAt = performance.now() + 20; performance.now() < endsAt; );
      });
    const writes = Promise.all([slow('one'), slow('two')]);
    database.close();
    await writes;
    expect(committed()).toEqual(['one', 'two']);
  });

  it('refuses the writes that wait for a lock, and those that come later', async () => {
    const { database, other, write, committed } = open();
    other.exec('BEGIN IMMEDIATE');
    const waiting = write('one');
    await setImmediate();
    database.close();
    expect(await Promise.allSettled([waiting, write('two')])).toMatchObject([UNAVAILABLE, UNAVAILABLE]);
    other.exec('COMMIT');
    expect(committed()).toEqual([]);
  });
});
