import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { requireWriteProtectedFile } from './private-file.ts';

afterEach(() => vi.unstubAllEnvs());

/** @param mode octal */
function fileWithMode(mode: string): string {
  const file = join(temporaryFolder(), 'apps.json');
  writeFileSync(file, '[]');
  chmodSync(file, Number.parseInt(mode, 8));
  return file;
}

describe.runIf(process.platform !== 'win32')('a write-protected file', () => {
  it.each(['600', '644', '444', '755'])('may be open to readers: mode %s', (mode) => {
    requireWriteProtectedFile(fileWithMode(mode));
  });

  it.each(['660', '664', '2664'])(
    'may be open to writers of a group that this process belongs to: mode %s',
    (mode) => {
      requireWriteProtectedFile(fileWithMode(mode));
    },
  );

  it.each(['602', '646', '666', '777'])(
    'is refused when everybody may write it: mode %s [T-ORIGIN-09]',
    (mode) => {
      const file = fileWithMode(mode);
      expect(() => requireWriteProtectedFile(file)).toThrow(
        `${file} can be written by others (mode ${mode}); run chmod go-w ${file}`,
      );
    },
  );

  it('is the one that a symbolic link leads to [T-ORIGIN-09]', () => {
    const link = join(temporaryFolder(), 'link.json');
    symlinkSync(fileWithMode('666'), link);
    expect(() => requireWriteProtectedFile(link)).toThrow('can be written by others (mode 666)');
  });

  it('may be missing or unreachable, which opening it reports', () => {
    requireWriteProtectedFile(join(temporaryFolder(), 'missing'));
    requireWriteProtectedFile(join(fileWithMode('644'), 'below a file'));
  });

  it('may be open to writers in the folder that ALLOW_OPEN_FILES_IN names', () => {
    const file = fileWithMode('777');
    vi.stubEnv('ALLOW_OPEN_FILES_IN', join(file, '..'));
    requireWriteProtectedFile(file);
    const elsewhere = fileWithMode('777');
    expect(() => requireWriteProtectedFile(elsewhere)).toThrow('can be written by others');
  });
});

describe.runIf(process.getuid?.() === 0)('a file that its group may write', () => {
  const MODULE = join(import.meta.dirname, 'private-file.ts');
  const SERVICE = 12_345;
  const OWNER = 12_346;
  const GROUP = 23_456;

  /** Returns the error of a process with these groups for a file of this owner and group, or ''. */
  function messageFor({ owner, group, groups = [] }: { owner: number; group: number; groups?: number[] }) {
    const file = fileWithMode('664');
    chownSync(file, owner, group);
    chmodSync(join(file, '..'), '755');
    const script = `
      import { requireWriteProtectedFile } from ${JSON.stringify(MODULE)};
      process.setgroups(${JSON.stringify(groups)});
      process.setgid(${SERVICE});
      process.setuid(${SERVICE});
      try { requireWriteProtectedFile(${JSON.stringify(file)}); }
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

  it('is refused if the process does not belong to the group [T-ORIGIN-09]', () => {
    expect(messageFor({ owner: OWNER, group: GROUP })).toContain('can be written by others (mode 664)');
    expect(messageFor({ owner: SERVICE, group: GROUP })).toContain('can be written by others (mode 664)');
    expect(messageFor({ owner: 0, group: GROUP })).toContain('can be written by others (mode 664)');
  });

  it('is used if the process belongs to the group, as Kubernetes makes it', () => {
    expect(messageFor({ owner: 0, group: GROUP, groups: [GROUP] })).toBe('');
  });

  it('is used if the group is the owner’s private one, as a umask of 002 makes it', () => {
    expect(messageFor({ owner: OWNER, group: OWNER })).toBe('');
    expect(messageFor({ owner: 0, group: 0 })).toBe('');
  });
});
