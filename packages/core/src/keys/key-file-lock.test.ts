import { chownSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { ConfigError } from '../files/config-error.ts';
import { withKeyLock } from './key-file.ts';

const place = () => join(temporaryFolder(), 'service.db.keys.json');

it('the key lock is released after the work, also when it fails', () => {
  const file = place();
  const fail = () => {
    throw new RangeError('the work failed');
  };
  expect(() => withKeyLock(file, fail)).toThrow(RangeError);
  expect(withKeyLock(file, () => 'done')).toBe('done');
});

it('work is not started if the key lock cannot be taken', () => {
  let isBegun = false;
  const work = () => {
    isBegun = true;
  };
  expect(() => withKeyLock(join(temporaryFolder(), 'missing', 'keys.json'), work)).toThrow(ConfigError);
  expect(isBegun).toBe(false);
});

it.runIf(process.getuid?.() === 0)(
  'the lock file belongs to the server’s user, even if root creates it',
  () => {
    const file = place();
    writeFileSync(file, '', { mode: 0o600 });
    chownSync(file, 1234, 1234);
    withKeyLock(file, () => {});
    expect(statSync(`${file}.lock`)).toMatchObject({ uid: 1234, gid: 1234 });
  },
);

it.runIf(process.getuid?.() === 0)('root follows no symbolic link in place of the lock file', () => {
  const file = place();
  writeFileSync(file, '');
  chownSync(file, 1234, 1234);
  const precious = `${file}.precious`;
  writeFileSync(precious, 'of root alone', { mode: 0o600 });
  symlinkSync(precious, `${file}.lock`);
  expect(() => withKeyLock(file, () => {})).toThrow(/can't be written/);
  expect(statSync(precious)).toMatchObject({ uid: 0, gid: 0 });
  expect(readFileSync(precious, 'utf8')).toBe('of root alone');
});
