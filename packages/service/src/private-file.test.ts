import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Database } from './database.ts';
import { requirePrivateDatabase, requirePrivateFile } from './private-file.ts';
import { StartFault } from './start-fault.ts';
import { temporaryFolder } from './temporary-folder.fixture.ts';

/** @param modes by suffix */
function databaseWith(modes: Readonly<Record<string, number>>): string {
  const file = join(temporaryFolder(), 'service.db');
  for (const [suffix, mode] of Object.entries({ '': 0o600, ...modes })) {
    writeFileSync(file + suffix, '');
    chmodSync(file + suffix, mode);
  }
  return file;
}

describe.runIf(process.platform !== 'win32')('a private file', () => {
  it.each([0o600, 0o400, 0o700])('may have mode %o', (mode) => {
    const file = databaseWith({ '': mode });
    requirePrivateFile(file);
    requirePrivateDatabase(file);
  });

  it.each([0o640, 0o604, 0o660, 0o644, 0o620, 0o602, 0o610, 0o601, 0o777])(
    'is refused with mode %o',
    (mode) => {
      const file = databaseWith({ '': mode });
      const fault = new StartFault(
        `${file} is open to others (mode ${mode.toString(8)}); run chmod 600 ${file}`,
      );
      expect(() => requirePrivateFile(file)).toThrow(fault);
      expect(() => requirePrivateDatabase(file)).toThrow(fault);
      expect(statSync(file).mode & 0o777).toBe(mode);
    },
  );

  it('may be missing: opening it reports that', () => {
    requirePrivateFile(join(temporaryFolder(), 'missing'));
  });

  it.each(['-wal', '-shm'])('of a database is its %s file, too', (suffix) => {
    const file = databaseWith({ [suffix]: 0o640 });
    expect(() => requirePrivateDatabase(file)).toThrow(`${file}${suffix} is open to others (mode 640)`);
  });

  it.each(['', '-wal', '-shm'])('is the one that a symbolic link leads to, database%s', (suffix) => {
    const file = databaseWith({ '-wal': 0o600, '-shm': 0o600, [suffix]: 0o644 });
    const link = join(temporaryFolder(), 'link.db');
    symlinkSync(file, link);
    expect(() => requirePrivateDatabase(link)).toThrow(`${file}${suffix} is open to others (mode 644)`);
  });

  it.each(['', '-wal', '-shm'])(
    'is checked before a database is opened and migrated: its file%s',
    (suffix) => {
      const file = join(temporaryFolder(), 'service.db');
      const migrations = ['CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT'];
      const running = new Database(file, migrations); // In use, so its companions are there.
      onTestFinished(() => running.close());
      const open = () => new Database(file, [...migrations, 'INSERT INTO parent VALUES (1)']).close();
      chmodSync(file + suffix, 0o640);
      const before = [file, `${file}-wal`].map((each) => readFileSync(each));
      expect(open).toThrow(
        new StartFault(`${file}${suffix} is open to others (mode 640); run chmod 600 ${file}${suffix}`),
      );
      expect([file, `${file}-wal`].map((each) => readFileSync(each))).toEqual(before);
      chmodSync(file + suffix, 0o600);
      open();
      expect(running.sqlite.prepare('SELECT id FROM parent').pluck().all()).toEqual([1]);
    },
  );
});
