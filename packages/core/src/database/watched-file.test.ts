import { copyFileSync, existsSync, renameSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, it, onTestFinished, vi } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { WatchedFile } from './watched-file.ts';

/** @param link the path by which the database is opened, if that is a symbolic link to it */
function openDatabase(link?: string) {
  const file = join(temporaryFolder(), 'service.db');
  const sqlite = new Sqlite(file);
  sqlite.pragma('journal_mode = WAL');
  sqlite.exec('CREATE TABLE word (word TEXT)');
  copyFileSync(file, `${file}.backup`);
  if (link !== undefined) symlinkSync(file, link);
  const watched = new WatchedFile(link ?? file, file);
  onTestFinished(() => {
    watched.stop();
    sqlite.close();
  });
  return { file, watched };
}

const expectReplaced = (isReplaced: boolean, watched: WatchedFile) =>
  vi.waitFor(() => expect(watched.isReplaced).toBe(isReplaced), { timeout: 1000, interval: 20 });

it.each([
  ['replaced by another file', (file: string) => renameSync(`${file}.backup`, file)],
  ['deleted', (file: string) => rmSync(file)],
  ['truncated', (file: string) => truncateSync(file)],
])(
  'an open database that is %s counts as replaced, and the files beside it are left alone [T-OUTAGE-05]',
  async (_how, change) => {
    const { file, watched } = openDatabase();
    change(file);
    await expectReplaced(true, watched);
    expect([`${file}-wal`, `${file}-shm`].map((each) => existsSync(each))).toEqual([true, true]);
  },
);

it('an open database that is moved away and back is in use again', async () => {
  const { file, watched } = openDatabase();
  renameSync(file, `${file}.away`);
  await expectReplaced(true, watched);
  renameSync(`${file}.away`, file);
  await expectReplaced(false, watched);
});

it('a database behind a symbolic link counts as replaced when its file is [T-OUTAGE-05]', async () => {
  const { file, watched } = openDatabase(join(temporaryFolder(), 'link.db'));
  renameSync(`${file}.backup`, file);
  await expectReplaced(true, watched);
});

it('a database counts as replaced when its symbolic link leads to another file', async () => {
  const link = join(temporaryFolder(), 'link.db');
  const { file, watched } = openDatabase(link);
  symlinkSync(`${file}.backup`, `${link}.new`);
  renameSync(`${link}.new`, link);
  await expectReplaced(true, watched);
});
