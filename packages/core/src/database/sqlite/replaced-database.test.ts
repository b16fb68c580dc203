import { copyFileSync, existsSync, renameSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../../../test/support/temporary-folder.fixture.ts';
import { SqliteDatabase } from './sqlite-database.ts';

/** @param link the path by which the database is opened, if that is a symbolic link to it */
function openDatabase(link?: string) {
  const file = join(temporaryFolder(), 'service.db');
  if (link !== undefined) symlinkSync(file, link);
  const database = new SqliteDatabase(link ?? file, ['CREATE TABLE word (word TEXT)']);
  onTestFinished(() => database.close());
  copyFileSync(file, `${file}.backup`);
  return { file, database };
}

const read = (database: SqliteDatabase) =>
  database.attempt(() => database.sqlite.prepare('SELECT count(*) AS count FROM word').get());

function expectReplaced(database: SqliteDatabase): void {
  const logReason = expect.stringContaining('was moved, deleted or replaced');
  expect(() => read(database)).toThrow(expect.objectContaining({ code: 'unavailable', logReason }));
}

it.each([
  ['replaced by another file', (file: string) => renameSync(`${file}.backup`, file)],
  ['deleted', (file: string) => rmSync(file)],
  ['truncated', (file: string) => truncateSync(file)],
])(
  'an open database that is %s is unavailable, and the files beside it are left alone [T-OUTAGE-05]',
  (_how, change) => {
    const { file, database } = openDatabase();
    change(file);
    expectReplaced(database);
    expect([`${file}-wal`, `${file}-shm`].map((each) => existsSync(each))).toEqual([true, true]);
  },
);

it('an open database that is moved away and back can be used again', async () => {
  const { file, database } = openDatabase();
  renameSync(file, `${file}.away`);
  expectReplaced(database);
  renameSync(`${file}.away`, file);
  await setImmediate(); // The reads of one turn share a check.
  expect(read(database)).toEqual({ count: 0 });
});

it('an open database that was replaced commits nothing, even in a turn with reads before', async () => {
  const { file, database } = openDatabase();
  await setImmediate();
  const written = database.write(() => database.sqlite.exec("INSERT INTO word VALUES ('a')"));
  expect(read(database)).toEqual({ count: 0 });
  renameSync(`${file}.backup`, file);
  await expect(written).rejects.toMatchObject({ code: 'unavailable' });
});

it('a database behind a symbolic link is unavailable once its file is replaced [T-OUTAGE-05]', () => {
  const { file, database } = openDatabase(join(temporaryFolder(), 'link.db'));
  renameSync(`${file}.backup`, file);
  expectReplaced(database);
});

it('a database is unavailable once its symbolic link leads to another file', () => {
  const link = join(temporaryFolder(), 'link.db');
  const { file, database } = openDatabase(link);
  symlinkSync(`${file}.backup`, `${link}.new`);
  renameSync(`${link}.new`, link);
  expectReplaced(database);
});
