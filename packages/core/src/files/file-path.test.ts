import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import {
  databasePath,
  openFilesFolder,
  readEnvironment,
  required,
} from '../../../server/src/config/environment.ts';
import { ConfigError } from './config-error.ts';
import { validateDatabasePath } from './file-path.ts';

it('a path to an existing or missing file is valid for a database', () => {
  const file = join(temporaryFolder(), 'sso.db');
  expect(validateDatabasePath(file)).toBeNull();
  writeFileSync(file, '');
  expect(validateDatabasePath(file)).toBeNull();
  expect(validateDatabasePath(join(file, 'below-a-file.db'))).toBeNull(); // Opening it reports that.
});

it.each([
  ['is too long', () => '/'.padEnd(257, 'x'), 'ENAMETOOLONG'],
  ['leads to itself', selfLink, 'ELOOP'],
])(
  'a path that %s is reported as an error of its variable, together with the others',
  (_what, makePath, code) => {
    const value = makePath();
    const variables = { DATABASE: required(databasePath), FOLDER: required(openFilesFolder) };
    const read = () => readEnvironment({ DATABASE: value, FOLDER: value }, variables);
    expect(read).toThrow(ConfigError);
    const message = (name: string) =>
      new RegExp(`^${name} can't be used: ${code}, [a-z ]+ \\(it is "/.*"\\)$`, 'm');
    for (const name of Object.keys(variables)) expect(read).toThrow(message(name));
  },
);

function selfLink(): string {
  const folder = join(temporaryFolder(), 'folder');
  mkdirSync(folder);
  symlinkSync('loop', join(folder, 'loop'));
  return join(folder, 'loop');
}
