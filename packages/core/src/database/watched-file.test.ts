import { copyFileSync, existsSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, it, onTestFinished, vi } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { WatchedFile } from './watched-file.ts';

/** @param link the path that the database is opened by, where that is a symbolic link to it */
function inUse(link?: string) {
  const file = join(temporaryFolder(), 'service.db');
  const sqlite = new Sqlite(file);
  sqlite.pragma('journal_mode = WAL');
  sqlite.exec('CREATE TABLE word (word TEXT)');
  sqlite.pragma('wal_checkpoint(TRUNCATE)');
  copyFileSync(file, `${file}.backup`);
  sqlite.exec("INSERT INTO word VALUES ('of ours')");
  if (link !== undefined) symlinkSync(file, link);
  const watched = new WatchedFile(link ?? file, file);

  onTestFinished(() => {
    watched.stop();
    sqlite.close();
  });
  return { file, watched };
}

const becomes = (isGone: boolean, watched: WatchedFile) =>
  vi.waitFor(() => expect(watched.isGone).toBe(isGone), { timeout: 1000, interval: 20 });

function wordsIn(file: string): unknown[] {
  const sqlite = new Sqlite(file);
  expect(sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
  const words = sqlite.prepare('SELECT word FROM word').pluck().all();
  sqlite.close();
  return words;
}

it('a database that takes the place of another gets nothing of what was written to that one', async () => {
  const { file, watched } = inUse();
  renameSync(`${file}.backup`, file);
  await becomes(true, watched);
  expect(wordsIn(file)).toEqual([]);
});

it('a database that was moved away and comes back is whole, even if another was there meanwhile', async () => {
  const { file, watched } = inUse();
  renameSync(file, `${file}.away`);
  await becomes(true, watched);
  expect(existsSync(`${file}-wal`)).toBe(true);
  copyFileSync(`${file}.backup`, file);
  await vi.waitFor(() => expect(existsSync(`${file}-wal`)).toBe(false), { timeout: 1000, interval: 20 });
  expect(wordsIn(file)).toEqual([]);
  renameSync(`${file}.away`, file);
  await becomes(false, watched);
  expect(wordsIn(file)).toEqual(['of ours']);
});

it('a database behind a symbolic link is watched as well: the link, and what lies beside the database', async () => {
  const link = join(temporaryFolder(), 'link.db');
  const { file, watched } = inUse(link);
  renameSync(`${file}.backup`, file);
  await becomes(true, watched);
  expect(wordsIn(file)).toEqual([]);
});

it('a symbolic link that leads to another database is noticed, and nothing is moved', async () => {
  const link = join(temporaryFolder(), 'link.db');
  const { file, watched } = inUse(link);
  symlinkSync(`${file}.backup`, `${link}.new`);
  renameSync(`${link}.new`, link);
  await becomes(true, watched);
  expect(wordsIn(file)).toEqual(['of ours']);
});
