import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isPostgresUrl, parsePostgresUrl } from './postgres-url.ts';

const settingsOf = (text: string) => parsePostgresUrl(text).settings;

describe('the URL of a PostgreSQL database', () => {
  it('names user, password, host, port and database', () => {
    const url = parsePostgresUrl('postgres://sso:secret@db.example.com:5433/sso_data');
    expect(url.settings).toEqual({
      host: 'db.example.com',
      port: 5433,
      user: 'sso',
      database: 'sso_data',
      isTls: false,
      authorityFile: undefined,
      poolSize: 10,
    });
    expect(url.password).toBe('secret');
  });

  it('may leave out the password and the port', () => {
    const url = parsePostgresUrl('postgresql://sso@db/sso');
    expect(url.password).toBeUndefined();
    expect(url.settings.port).toBe(5432);
  });

  it('is percent-encoded', () => {
    const url = parsePostgresUrl('postgres://a%40b:p%2F%3F%23%25%C3%A9@[::1]:1/d%20b');
    expect(url.settings).toMatchObject({ user: 'a@b', host: '::1', port: 1, database: 'd b' });
    expect(url.password).toBe('p/?#%é');
    expect(String(url)).toBe('postgres://a%40b@[::1]:1/d%20b');
  });

  it.each([
    ['', false],
    ['?sslmode=disable', false],
    ['?sslmode=require', true],
    ['?sslmode=verify-ca', true],
    ['?sslmode=verify-full', true],
  ])('uses verified TLS or none: %j', (parameters, isTls) => {
    expect(settingsOf(`postgres://sso@db/sso${parameters}`).isTls).toBe(isTls);
  });

  it('may name authorities and the size of the pool', () => {
    const parameters = 'sslmode=verify-full&sslrootcert=/etc/ssl/ca.pem&pool_size=100';
    expect(settingsOf(`postgres://sso@db/sso?${parameters}`)).toMatchObject({
      authorityFile: '/etc/ssl/ca.pem',
      poolSize: 100,
    });
  });

  it('is never printed with its password [T-SECRET-09]', () => {
    const url = parsePostgresUrl('postgres://sso:secret@db/sso');
    for (const printed of [
      `${url}`,
      inspect(url),
      inspect({ url }, { showHidden: true }),
      JSON.stringify({ url }),
    ]) {
      expect(printed).toContain('sso@db');
      expect(printed).not.toContain('secret');
    }
  });

  it.each([
    ['postgres:sso:hush@db', 'is not a URL such as postgres://'],
    ['postgres://sso:hush@db:port/sso', 'is not a URL such as'],
    ['postgres://sso:hush/1@db/sso', 'is not a URL such as'],
    ['mysql://sso:hush@db/sso', 'is not a URL such as'],
    ['postgres://sso:hush#1@db/sso', 'is not a URL such as'],
    ['postgres://sso:hush@db/sso#1', 'contains a #'],
    ['postgres://sso:hush%@db/sso', 'has a password that is not percent-encoded UTF-8'],
    ['postgres://sso:hush@/sso', 'is not a URL such as'],
    ['postgres:///sso', 'has no host'],
    ['postgres://sso:hush@db1,db2/sso', 'has no host, or more than one: '],
    ['postgres://sso:hush@db%00/sso', 'has no host'],
    ['postgres://sso:hush@db:0/sso', 'has the port 0'],
    ['postgres://db/sso', 'names no user'],
    ['postgres://:hush@db/sso', 'names no user'],
    ['postgres://sso:hush@db', 'names no database'],
    ['postgres://sso:hush@db/', 'names no database'],
    ['postgres://sso:hush@db/a/b', 'has a database with a slash'],
    ['postgres://s%00o:hush@db/sso', 'has a user with a slash or a control character'],
    ['postgres://sso:hush@db/sso?ssl=true', 'has an unknown parameter; it may have only sslmode'],
    ['postgres://sso:hush@db/sso?password=hush', 'has an unknown parameter'],
    ['postgres://sso:p@x/y?hush@db/sso', 'has an unknown parameter'],
    ['postgres://sso:hush@db/sso?sslmode=prefer', 'has the sslmode "prefer"'],
    ['postgres://sso:hush@db/sso?sslmode=', 'has the sslmode ""'],
    ['postgres://sso:hush@db/sso?sslmode=require&sslmode=disable', 'has the parameter sslmode twice'],
    ['postgres://sso:hush@db/sso?sslrootcert=/ca.pem', 'has a sslrootcert that needs sslmode=verify-full'],
    ['postgres://sso:hush@db/sso?sslmode=require&sslrootcert=', 'has a sslrootcert that is empty'],
    ['postgres://sso:hush@db/sso?pool_size=0', 'has the pool_size "0"'],
    ['postgres://sso:hush@db/sso?pool_size=101', 'has the pool_size "101"'],
    ['postgres://sso:hush@db/sso?pool_size=1e1', 'has the pool_size "1e1"'],
  ])('is refused without printing its password: %s', (text, reason) => {
    let message = '';
    try {
      parsePostgresUrl(text);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message.startsWith(reason)).toBe(true);
    expect(message).not.toMatch(/hush|\n/);
  });
});

describe('a text', () => {
  it.each([
    'postgres://h/d',
    'POSTGRESQL://h/d',
    'postgres:/typo',
    'postgres:',
    'postgres;//u:p@h/d',
    '"postgres://u:p@h/d"',
    ' postgres://u:p@h/d',
    'SSO_DATABASE=postgres://u:p@h/d',
    'jdbc:postgresql://h/d?user=u&password=p',
    '‹postgres://u:p@h/d›',
    'postgres//u:p@h/d',
    'host=h password=p',
    'file:postgres://u:p@h/d',
    'mysql://u:p@h/d',
    'https://h',
  ])('is a URL, not the path of a file: %s', (text) => expect(isPostgresUrl(text)).toBe(true));

  it.each([
    'sso.db',
    '/data/sso.db',
    'C:\\data\\sso.db',
    'postgres',
    'postgres.db',
    'postgres/sso.db',
    'postgres-data/sso.db',
    ':memory:',
    'file:///sso.db',
  ])('is the path of a file: %s', (text) => expect(isPostgresUrl(text)).toBe(false));
});
