import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ONE_SECOND_WHEN_BUSY_MS } from '../../../../../test/support/one-second.ts';
import { temporaryFolder } from '../../../../../test/support/temporary-folder.fixture.ts';
import { ConfigError } from '../../files/config-error.ts';
import { HttpProblem } from '../../problem/http-problem.ts';
import { SqliteDatabase } from './sqlite-database.ts';

const MIGRATIONS = [
  'CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT',
  'CREATE TABLE child (parent INTEGER NOT NULL REFERENCES parent (id)) STRICT; INSERT INTO parent VALUES (1)',
];

function open(file: string, migrations = MIGRATIONS): SqliteDatabase {
  const database = new SqliteDatabase(file, migrations);
  onTestFinished(() => database.close());
  return database;
}

const newFile = () => join(temporaryFolder(), 'service.db');

function messageOf(file: string, migrations = MIGRATIONS): string {
  try {
    new SqliteDatabase(file, migrations).close();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error(`${file} was opened`);
}

const parents = ({ sqlite }: SqliteDatabase) =>
  sqlite.prepare('SELECT id FROM parent ORDER BY id').pluck().all();
const insert = ({ sqlite }: SqliteDatabase, id: number) =>
  sqlite.prepare('INSERT INTO parent VALUES (?)').run(id);

/** Another process's write transaction. */
function holdLock(file: string): { release(): void } {
  const other = new Sqlite(file);
  other.exec('BEGIN IMMEDIATE');
  onTestFinished(() => void other.close());
  return { release: () => other.exec('ROLLBACK') };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof HttpProblem ? error.code : error),
  );

describe('a database', () => {
  it('is created if it is missing, and only its owner can read it and the files beside it', () => {
    const file = newFile();
    const database = open(file);
    insert(database, 2);
    for (const each of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(each).mode & 0o777).toBe(0o600);
  });

  it('runs each migration once, in order, over any number of starts', () => {
    const file = newFile();
    new SqliteDatabase(file, MIGRATIONS.slice(0, 1)).close();
    new SqliteDatabase(file, MIGRATIONS).close();
    const database = open(file);
    expect(parents(database)).toEqual([1]);
    expect(database.sqlite.pragma('user_version', { simple: true })).toBe(2);
  });

  it('keeps the old schema when a migration fails halfway', () => {
    const file = newFile();
    new SqliteDatabase(file, MIGRATIONS).close();
    const broken = [...MIGRATIONS, 'INSERT INTO parent VALUES (7); CREATE TABLE parent (id INTEGER)'];
    expect(messageOf(file, broken)).toContain(file);
    const database = open(file);
    expect(parents(database)).toEqual([1]);
    expect(database.sqlite.pragma('user_version', { simple: true })).toBe(2);
  });

  it('survives a power cut and keeps its references: WAL, synchronous=FULL, foreign keys', () => {
    const { sqlite } = open(newFile());
    const pragma = (name: string) => sqlite.pragma(name, { simple: true });
    expect(pragma('journal_mode')).toBe('wal');
    expect(pragma('synchronous')).toBe(2);
    expect(pragma('foreign_keys')).toBe(1);
    expect(() => sqlite.exec('INSERT INTO child VALUES (99)')).toThrow('FOREIGN KEY');
  });
});

describe('a database that cannot be used', () => {
  it('is refused if it is of a newer version, and stays unchanged', () => {
    const file = newFile();
    new SqliteDatabase(file, [...MIGRATIONS, 'INSERT INTO parent VALUES (3)']).close();
    expect(messageOf(file)).toMatch(/its schema version is 3, but this program supports only up to 2/);
    expect(parents(open(file, [...MIGRATIONS, 'never run']))).toEqual([1, 3]);
  });

  it('is refused if it is another kind of file, and stays unchanged', () => {
    const file = newFile();
    const content = 'Dear diary, '.repeat(100);
    writeFileSync(file, content, { mode: 0o600 });
    expect(messageOf(file)).toContain(`${file} can't be used as a database`);
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('is refused in a folder that does not exist, and no folder is created', () => {
    const folder = join(temporaryFolder(), 'missing');
    expect(messageOf(join(folder, 'service.db'))).toContain('ENOENT');
    expect(existsSync(folder)).toBe(false);
  });

  it('is refused if it is a folder', () => {
    const file = newFile();
    mkdirSync(file);
    expect(messageOf(file)).toContain(file);
  });
});

describe('a database that another process holds locked', () => {
  it('is unavailable within 1 s, while the process handles other work', async () => {
    const file = newFile();
    const database = open(file);
    holdLock(file);
    const started = performance.now();
    const code = codeOf(database.run(() => insert(database, 2)));
    const otherWork = new Promise((resolve) => setTimeout(resolve, 1, 'other work'));
    expect(await Promise.race([code, otherWork])).toBe('other work');
    expect(await code).toBe('unavailable');
    expect(performance.now() - started).toBeLessThan(ONE_SECOND_WHEN_BUSY_MS);
  });

  it('is used once the lock is released in time', async () => {
    const file = newFile();
    const database = open(file);
    const lock = holdLock(file);
    const work = codeOf(database.run(() => insert(database, 2)));
    setTimeout(() => lock.release(), 50);
    expect(await work).toBe('done');
    expect(parents(database)).toEqual([1, 2]);
  });

  it('can still be read, and is ready until a write has failed', async () => {
    const file = newFile();
    const database = open(file);
    const lock = holdLock(file);
    expect(await database.run(() => parents(database))).toEqual([1]);
    expect(await database.isReady()).toBe(true);
    expect(await codeOf(database.run(() => insert(database, 2)))).toBe('unavailable');
    expect(await database.isReady()).toBe(false);
    expect(await database.run(() => parents(database))).toEqual([1]);
    lock.release();
    expect(await database.isReady()).toBe(true);
  });

  it('is reported at once to callers that cannot wait', () => {
    const file = newFile();
    const database = open(file);
    holdLock(file);
    const started = performance.now();
    expect(() => database.attempt(() => insert(database, 2))).toThrow(HttpProblem);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('a database behind a symbolic link', () => {
  function openLinked() {
    const [file, link] = [newFile(), join(temporaryFolder(), 'link.db')];
    new SqliteDatabase(file, MIGRATIONS).close();
    symlinkSync(file, link);
    return { file, link, database: open(link) };
  }

  it('is unavailable once the link leads to another file [T-OUTAGE-05]', async () => {
    const { file, link, database } = openLinked();
    writeFileSync(`${file}.other`, '', { mode: 0o600 });
    rmSync(link);
    symlinkSync(`${file}.other`, link);
    await expect.poll(() => database.isReady(), { timeout: ONE_SECOND_WHEN_BUSY_MS }).toBe(false);
    expect(existsSync(`${file}-wal`)).toBe(true);
  });

  it('is unavailable once another file replaces it, and leaves its WAL alone [T-OUTAGE-05]', async () => {
    const { file, database } = openLinked();
    rmSync(file);
    writeFileSync(file, '', { mode: 0o600 });
    await expect.poll(() => database.isReady(), { timeout: ONE_SECOND_WHEN_BUSY_MS }).toBe(false);
    expect(existsSync(`${file}-wal`)).toBe(true);
  });
});

describe('the path of a database', () => {
  it.each([
    ['sso.db\r', 'contains a control character'],
    ['sso.db ', 'has white space around it'],
    ['"sso.db"', 'has quotes around it'],
    [':memory:', 'is not the path of a file'],
    ['', 'is empty'],
    ['file:sso.db', 'is a URI'],
    ['.', 'is a folder'],
  ])('is refused before any file is created: %j [T-SECRET-04]', (path, reason) => {
    expect(messageOf(path)).toMatch(`the path of the database ${reason}`);
    expect(existsSync(path.trim()) && statSync(path.trim()).isFile()).toBe(false);
  });
});

describe('a database whose file is gone', () => {
  it.each([
    ['deleted', (file: string) => rmSync(file)],
    ['moved away', (file: string) => renameSync(file, `${file}.old`)],
    [
      'replaced by another file',
      (file: string) => {
        renameSync(file, `${file}.old`);
        writeFileSync(file, '');
      },
    ],
  ])('because it was %s is unavailable within a second, and not ready', async (_how, remove) => {
    const file = newFile();
    const database = open(file);
    expect(await database.isReady()).toBe(true);
    remove(file);
    await vi.waitFor(() => expect(() => database.attempt(() => parents(database))).toThrow(HttpProblem), {
      timeout: ONE_SECOND_WHEN_BUSY_MS,
      interval: 25,
    });
    expect(await codeOf(database.run(() => insert(database, 2)))).toBe('unavailable');
    expect(await database.isReady()).toBe(false);
  });
});

describe('a database that is damaged', () => {
  it('is unavailable once the damage is noticed, and not ready [T-OUTAGE-05]', async () => {
    const file = newFile();
    new SqliteDatabase(file, MIGRATIONS).close();
    const damaged = readFileSync(file).fill(0xff, 4096); // All but the first page, which holds the schema.
    writeFileSync(file, damaged);
    const database = open(file);
    expect(await database.isReady()).toBe(true);
    expect(await codeOf(database.run(() => parents(database)))).toBe('unavailable');
    expect(await codeOf(database.run(() => database.sqlite.pragma('user_version')))).toBe('unavailable');
    expect(await database.isReady()).toBe(false);
  });
});

describe('work on a database', () => {
  it('that violates a constraint does not make the database unavailable', async () => {
    const database = open(newFile());
    const work = database.run(() => database.sqlite.exec('INSERT INTO parent VALUES (1)'));
    expect(await codeOf(work)).toBeInstanceOf(Sqlite.SqliteError);
  });

  it('that finds the disk full is refused as unavailable', async () => {
    const database = open(newFile());
    database.sqlite.exec('CREATE TABLE large (content TEXT)');
    database.sqlite.pragma(`max_page_count = ${database.sqlite.pragma('page_count', { simple: true })}`);
    const work = database.run(() =>
      database.sqlite.prepare('INSERT INTO large VALUES (?)').run('x'.repeat(100_000)),
    );
    expect(await codeOf(work)).toBe('unavailable');
    expect(await database.isReady()).toBe(true); // There is room for less.
  });
});
