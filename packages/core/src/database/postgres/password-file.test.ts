import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../../../../test/support/temporary-folder.fixture.ts';
import { parsePostgresUrl } from '../postgres-url.ts';
import { findPassword } from './password-file.ts';

const find = (url = 'postgres://sso@db:5432/data') => findPassword(parsePostgresUrl(url).settings);

function writePasswords(text: string): string {
  const file = join(temporaryFolder(), 'pgpass');
  writeFileSync(file, text, { mode: 0o600 });
  vi.stubEnv('PGPASSFILE', file);
  return file;
}

afterEach(() => vi.unstubAllEnvs());

describe('the password file', () => {
  it.each([
    ['a later line may match', 'other:5432:data:sso:wrong\ndb:5432:data:sso:right\n', 'right'],
    ['the first matching line counts', 'db:*:*:sso:right\ndb:5432:data:sso:late', 'right'],
    ['comments are skipped', '#db:5432:data:sso:wrong\n*:*:*:*:right', 'right'],
    ['a line may end in CR LF', '*:*:*:*:right\r\n', 'right'],
    ['colons and backslashes are escaped', '*:*:*:*:a\\:b\\\\c', 'a:b\\c'],
    ['a further colon ends the password', '*:*:*:*:right:more', 'right'],
    ['lines without a password are skipped', '*:*:*:*\n*:*:*:*:\n*:*:*:*:right', 'right'],
  ])('is read as PostgreSQL’s own clients read it: %s', (_what, text, password) => {
    writePasswords(text);
    expect(find()).toBe(password);
  });

  it('names hosts by their address, in IPv6 with escaped colons', () => {
    writePasswords('\\:\\:1:5432:data:sso:right');
    expect(find('postgres://sso@[::1]/data')).toBe('right');
  });

  it('is read again for each connection', () => {
    const file = writePasswords('*:*:*:*:old');
    expect(find()).toBe('old');
    writeFileSync(file, '*:*:*:*:new');
    expect(find()).toBe('new');
  });

  it('must have a matching line', () => {
    const file = writePasswords('db:5433:data:sso:wrong\ndb:5432:Data:sso:wrong');
    expect(() => find()).toThrow(`${file} has no line for db:5432:data:sso`);
  });

  it('must be private [T-SECRET-02]', () => {
    chmodSync(writePasswords('*:*:*:*:right'), 0o644);
    expect(() => find()).toThrow('is open to others');
  });

  it('must exist', () => {
    vi.stubEnv('PGPASSFILE', join(temporaryFolder(), 'missing'));
    expect(() => find()).toThrow("can't be read (ENOENT)");
  });

  it('must be named', () => {
    vi.stubEnv('PGPASSFILE', '');
    expect(() => find()).toThrow('the server wants a password');
  });
});
