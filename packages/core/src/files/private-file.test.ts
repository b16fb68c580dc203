import { spawnSync } from 'node:child_process';
import fs, {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { SqliteDatabase } from '../database/sqlite/sqlite-database.ts';
import { ConfigError } from './config-error.ts';
import { openFilesWarning, requirePrivateDatabase, requirePrivateFile } from './private-file.ts';

afterEach(() => vi.unstubAllEnvs());

/** @param modes by suffix */
function databaseWith(modes: Readonly<Record<string, number>>, folder = temporaryFolder()): string {
  const file = join(folder, 'service.db');
  for (const [suffix, mode] of Object.entries({ '': 0o600, ...modes })) {
    writeFileSync(file + suffix, '');
    chmodSync(file + suffix, mode);
  }
  return file;
}

const COMPANIONS = ['-wal', '-shm', '-journal'];

describe.runIf(process.platform !== 'win32')('a private file', () => {
  it.each([0o600, 0o400, 0o700])('may have mode %o', (mode) => {
    const file = databaseWith({ '': mode });
    requirePrivateFile(file);
    requirePrivateDatabase(file);
  });

  it.each([0o660, 0o640, 0o2660])(
    'may be open to a group that this process belongs to, as Kubernetes makes it: mode %o',
    (mode) => {
      const file = databaseWith({ '': mode, '-wal': mode, '-shm': mode });
      requirePrivateFile(file);
      requirePrivateDatabase(file);
    },
  );

  it.each([0o604, 0o644, 0o602, 0o601, 0o664, 0o666, 0o777])(
    'is refused with mode %o [T-SECRET-02]',
    (mode) => {
      const file = databaseWith({ '': mode });
      const error = new ConfigError(
        `${file} is open to others (mode ${mode.toString(8)}); run chmod 600 ${file}`,
      );
      expect(() => requirePrivateFile(file)).toThrow(error.message);
      expect(() => requirePrivateDatabase(file)).toThrow(error.message);
      expect(statSync(file).mode & 0o777).toBe(mode);
    },
  );

  it('may be missing, which opening it reports', () => {
    requirePrivateFile(join(temporaryFolder(), 'missing'));
  });

  it.each(COMPANIONS)('may be the %s file of a database, and is then refused like the database', (suffix) => {
    const file = databaseWith({ [suffix]: 0o604 });
    expect(() => requirePrivateDatabase(file)).toThrow(`${file}${suffix} is open to others (mode 604)`);
  });

  it.each(['', ...COMPANIONS])(
    'is the one that a symbolic link leads to, database%s [T-SECRET-02]',
    (suffix) => {
      const file = databaseWith({ '-wal': 0o600, '-shm': 0o600, [suffix]: 0o644 });
      const link = join(temporaryFolder(), 'link.db');
      symlinkSync(file, link);
      expect(() => requirePrivateDatabase(link)).toThrow(`${file}${suffix} is open to others (mode 644)`);
    },
  );

  it.each(['', '-wal', '-shm'])(
    'is checked before a database is opened and migrated: its file%s',
    (suffix) => {
      const file = join(temporaryFolder(), 'service.db');
      const migrations = ['CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT'];
      const running = new SqliteDatabase(file, migrations); // In use, so its companions are there.
      onTestFinished(() => running.close());
      const open = () => new SqliteDatabase(file, [...migrations, 'INSERT INTO parent VALUES (1)']).close();
      chmodSync(file + suffix, 0o604);
      const before = [file, `${file}-wal`].map((each) => readFileSync(each));
      expect(open).toThrow(`${file}${suffix} is open to others (mode 604); run chmod 600 ${file}${suffix}`);
      expect([file, `${file}-wal`].map((each) => readFileSync(each))).toEqual(before);
      chmodSync(file + suffix, 0o600);
      open();
      expect(running.sqlite.prepare('SELECT id FROM parent').pluck().all()).toEqual([1]);
    },
  );
});

describe.runIf(process.getuid?.() === 0)('a file of another user or group', () => {
  const SERVICE = 12_345;
  const OTHER = 12_346;
  const GROUP = 23_456;

  /** The error that a process of this user throws for a file, in a folder that it can open; empty if none. */
  function messageFor(file: string, { user = SERVICE, groups = [] as number[] }): string {
    chmodSync(join(file, '..'), 0o755);
    const script = `
      import { requirePrivateFile } from ${JSON.stringify(join(import.meta.dirname, 'private-file.ts'))};
      process.setgroups(${JSON.stringify(groups)});
      process.setgid(${SERVICE});
      process.setuid(${user});
      try { requirePrivateFile(${JSON.stringify(file)}); }
      catch ({ message }) { process.stdout.write(message); }
    `;
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--no-warnings', '--input-type=module-typescript', '--eval', script],
      { encoding: 'utf8', env: {} },
    );
    expect([status, stderr]).toEqual([0, '']);
    return stdout;
  }

  function fileOf(uid: number, gid: number, mode: number): string {
    const file = databaseWith({});
    chownSync(file, uid, gid);
    chmodSync(file, mode);
    return file;
  }

  it('is used if the process belongs to its group and others have no access [T-SECRET-02]', () => {
    for (const owner of [SERVICE, 0]) {
      expect(messageFor(fileOf(owner, GROUP, 0o660), { groups: [GROUP] })).toBe('');
      expect(messageFor(fileOf(owner, GROUP, 0o664), { groups: [GROUP] })).toContain(
        'is open to others (mode 664)',
      );
    }
  });

  it('is refused if the process does not belong to its group [T-SECRET-02]', () => {
    const own = fileOf(SERVICE, GROUP, 0o660);
    expect(messageFor(own, {})).toContain(`${own} is open to others (mode 660); `);
    const ofRoot = fileOf(0, GROUP, 0o640);
    expect(messageFor(ofRoot, {})).toContain(`(mode 640); as root, chown ${SERVICE} and chmod 600 ${ofRoot}`);
  });

  it('is refused with any mode if it belongs to another user, unless that is root [T-SECRET-02]', () => {
    const file = fileOf(OTHER, GROUP, 0o660);
    expect(messageFor(file, { groups: [GROUP] })).toBe(
      `${file} belongs to another user (${OTHER}), who can open it; as root, chown ${SERVICE} ${file}`,
    );
  });

  it('is used by root, which runs the command line beside the service', () => {
    expect(messageFor(fileOf(SERVICE, SERVICE, 0o600), { user: 0 })).toBe('');
  });
});

describe.runIf(process.platform !== 'win32')('a volume that keeps no modes', () => {
  /**
   * Makes all files look as CIFS, WSL or bindfs show them: mode 0777, not the one of their creation.
   */
  function withoutModes(): void {
    const { fstatSync } = fs;
    onTestFinished(() => {
      fs.fstatSync = fstatSync;
      syncBuiltinESMExports();
    });
    fs.fstatSync = ((descriptor: number) => {
      const status = fstatSync(descriptor);
      status.mode |= 0o777;
      return status;
    }) as typeof fstatSync;
    syncBuiltinESMExports();
  }

  it('is named in the message instead of a chmod that would change nothing', () => {
    const file = databaseWith({ '': 0o777 });
    withoutModes();
    expect(() => requirePrivateFile(file)).toThrow(
      /^\S+ is open to others \(mode 777\); its volume keeps no modes, so chmod has no effect: .*ALLOW_OPEN/,
    );
    expect(fs.readdirSync(join(file, '..'))).toEqual(['service.db']);
  });

  it('is used with a warning if ALLOW_OPEN_FILES_IN names it, and no other is [T-SECRET-03]', () => {
    const folder = temporaryFolder();
    const inside = databaseWith({ '': 0o777, '-wal': 0o777 }, folder);
    mkdirSync(`${folder}-other`);
    onTestFinished(() => fs.rmSync(`${folder}-other`, { recursive: true }));
    const outside = databaseWith({ '': 0o777 }, `${folder}-other`);
    expect(openFilesWarning()).toBeNull();
    vi.stubEnv('ALLOW_OPEN_FILES_IN', folder);
    requirePrivateDatabase(inside);
    expect(() => requirePrivateDatabase(outside)).toThrow('is open to others');
    expect(openFilesWarning()).toContain(
      `ALLOW_OPEN_FILES_IN is set: every user who can open the files in ${folder}`,
    );
  });

  it.each(['..data', '...', '..data/..2026'])('is used in a folder below it, such as %s', (name) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, name), { recursive: true });
    vi.stubEnv('ALLOW_OPEN_FILES_IN', folder);
    requirePrivateDatabase(databaseWith({ '': 0o777 }, join(folder, name)));
  });

  it('is not used in the parent of the named folder', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'named'));
    vi.stubEnv('ALLOW_OPEN_FILES_IN', join(folder, 'named'));
    const file = databaseWith({ '': 0o777 }, folder);
    expect(() => requirePrivateDatabase(file)).toThrow('is open to others');
  });

  it.each(['', '/', '/nowhere', 'service.db', '/'.padEnd(257, 'x')])(
    'is not named by %j [T-SECRET-03]',
    (value) => {
      const file = databaseWith({ '': 0o777 });
      vi.stubEnv('ALLOW_OPEN_FILES_IN', value);
      expect(() => requirePrivateFile(file)).toThrow('is open to others');
      expect(openFilesWarning()).toBeNull();
    },
  );
});
