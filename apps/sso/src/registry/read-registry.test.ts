import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '@samesite-sso/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { FOO, LOREM, SSO, temporaryFolder } from '../../../../test/support/sso/test-service.ts';
import { readRegistry } from './read-registry.ts';

afterEach(() => vi.unstubAllEnvs());

function registryFile(text: string): string {
  const file = path.join(temporaryFolder(), 'apps.json');
  writeFileSync(file, text);
  return file;
}

test('the error of an app names the file, and the line and column of its entry', () => {
  const file = registryFile(`[\n  {"origin": "${FOO}", "name": "Foo"},\n  {"origin": "${LOREM}"}\n]`);
  expect(() => readRegistry(file, SSO)).toThrow(`SSO_APPS: ${file}, line 3, column 3: app 2 has no "name"`);
});

test('a name has no control character, which PostgreSQL may not be able to store', () => {
  const file = registryFile(JSON.stringify([{ origin: FOO, name: 'Foo\0' }]));
  expect(() => readRegistry(file, SSO)).toThrow('app 1 has a "name" with a control character');
});

describe.runIf(process.platform !== 'win32')('a registry that others can write', () => {
  test('is refused in one line, before its content is judged [T-ORIGIN-09]', () => {
    const file = registryFile('[');
    chmodSync(file, 0o666);
    expect(() => readRegistry(file, SSO)).toThrow(
      new ConfigError(`SSO_APPS: ${file} can be written by others (mode 666); run chmod go-w ${file}`),
    );
  });

  test('is read in the folder that ALLOW_OPEN_FILES_IN names', () => {
    const file = registryFile('[]');
    chmodSync(file, 0o777);
    vi.stubEnv('ALLOW_OPEN_FILES_IN', path.dirname(file));
    expect(readRegistry(file, SSO).apps).toEqual([]);
  });
});

test.each(['/dev/null', 'a folder'])('a registry must be a regular file, not %s', (name) => {
  const file = name === 'a folder' ? path.join(temporaryFolder(), 'apps.json') : name;
  if (name === 'a folder') mkdirSync(file);
  expect(() => readRegistry(file, SSO)).toThrow(`SSO_APPS: ${file} is not a regular file`);
});
