import { ConfigError } from '@samesite-sso/core';
import { describe, expect, it } from 'vitest';
import {
  databasePath,
  hostAndPort,
  logLevel,
  optional,
  origin,
  readEnvironment,
  required,
  requireSealingKeys,
  seconds,
  serverUrl,
  text,
  usableDatabase,
  words,
} from './environment.ts';

const VARIABLES = {
  ORIGIN: required(origin),
  LISTEN: required(hostAndPort),
  DATABASE: required(text),
  SESSION_SECONDS: optional(seconds, 1800),
  LOG_LEVEL: optional(logLevel, 'info'),
};
const GOOD = { ORIGIN: 'https://foo.example.com', LISTEN: '127.0.0.1:4001', DATABASE: 'foo.db' };

function errorsOf(environment: Record<string, string>): readonly string[] {
  try {
    readEnvironment(environment, VARIABLES);
  } catch (error) {
    if (error instanceof ConfigError) return error.errors;
    throw error;
  }
  return [];
}

describe('the environment', () => {
  it('is read into values, with defaults for optional variables', () => {
    expect(readEnvironment({ ...GOOD, UNRELATED: 'x' }, VARIABLES)).toEqual({
      ORIGIN: 'https://foo.example.com',
      LISTEN: { host: '127.0.0.1', port: 4001 },
      DATABASE: 'foo.db',
      SESSION_SECONDS: 1800,
      LOG_LEVEL: 'info',
    });
  });

  it('is refused with every invalid variable named at once, one line each', () => {
    const errors = errorsOf({ ORIGIN: 'foo', LISTEN: '', SESSION_SECONDS: '0', LOG_LEVEL: 'loud' });
    expect(errors.map((line) => line.split(' ', 1)[0])).toEqual([
      'ORIGIN',
      'LISTEN',
      'DATABASE',
      'SESSION_SECONDS',
      'LOG_LEVEL',
    ]);
    for (const line of errors) expect(line).not.toContain('\n');
  });

  it('distinguishes a missing variable from an empty one', () => {
    const { DATABASE: _, ...without } = GOOD;
    expect(errorsOf(without)).toEqual(['DATABASE is missing']);
    expect(errorsOf({ ...GOOD, DATABASE: '' })).toEqual(['DATABASE is empty']);
    expect(errorsOf({ ...GOOD, DATABASE: '  ' })).toEqual(['DATABASE is empty']);
  });

  it('treats an empty optional variable as an error, not as unset', () => {
    expect(errorsOf({ ...GOOD, SESSION_SECONDS: '' })).toEqual(['SESSION_SECONDS is empty']);
    expect(errorsOf({ ...GOOD, LOG_LEVEL: ' ' })).toEqual(['LOG_LEVEL is empty']);
  });
});

describe('a database', () => {
  const URL = 'postgres://sso:hush@db.example.com/sso?sslmode=verify-full';

  it('is a path, or the URL of a PostgreSQL database, to which nothing connects yet', () => {
    expect([databasePath('nowhere/sso.db'), databasePath(URL)]).toEqual(['nowhere/sso.db', URL]);
    expect(usableDatabase(URL)).toBe(URL);
  });

  it.each([databasePath, usableDatabase])(
    'is refused without its password if its URL is wrong: %o',
    (parse) => {
      expect(() => parse(`${URL}&sslmode=disable`)).toThrow(/^has the parameter sslmode twice$/);
      expect(() => parse(URL.replace('//', '/'))).toThrow(/^(?!.*hush)/);
    },
  );

  it('of PostgreSQL needs sealing keys', () => {
    expect(() => requireSealingKeys('THE_FILE', URL, null)).toThrow(
      'THE_FILE is missing: keys in a PostgreSQL database must be sealed',
    );
    expect(requireSealingKeys('THE_FILE', 'sso.db', null)).toBeNull();
  });
});

describe('a number of seconds', () => {
  it('is a whole number from 1 to a year', () => {
    expect([seconds('1'), seconds('30'), seconds('31536000')]).toEqual([1, 30, 31_536_000]);
  });

  it.each([
    '0',
    '-1',
    '-0',
    '1.5',
    '1e3',
    '0x10',
    'NaN',
    'Infinity',
    'ten',
    ' 5',
    '5 ',
    '5s',
    '1_000',
    '٣',
    '31536001',
  ])('is not %j', (value) => expect(() => seconds(value)).toThrow('is not a number of seconds'));
});

describe('words', () => {
  it('are separated by commas', () => {
    expect(words('example')).toEqual(['example']);
    expect(words('Example Inc., example , foo')).toEqual(['Example Inc.', 'example', 'foo']);
  });

  it.each([',', 'example,', 'example,,foo'])('are not empty: %j', (value) =>
    expect(() => words(value)).toThrow('is not a list of words with commas between them'),
  );
});

describe('host and port', () => {
  it.each([
    ['127.0.0.1:4000', { host: '127.0.0.1', port: 4000 }],
    ['0.0.0.0:65535', { host: '0.0.0.0', port: 65_535 }],
    ['localhost:1', { host: 'localhost', port: 1 }],
    ['[::1]:4000', { host: '::1', port: 4000 }],
    ['[::]:4000', { host: '::', port: 4000 }],
    ['[::ffff:127.0.0.1]:80', { host: '::ffff:127.0.0.1', port: 80 }],
  ])('are parsed from %s', (value, expected) => expect(hostAndPort(value)).toEqual(expected));

  it.each([
    '4000',
    ':4000',
    'localhost',
    'localhost:',
    'localhost:0',
    'localhost:-1',
    'localhost:65536',
    'localhost:100000',
    'localhost:http',
    'localhost:4000 ',
    ' localhost:4000',
    'local host:4000',
    '::1:4000',
    '[::1]',
    '[::1]4000',
    '[]:4000',
    '[localhost]:4000',
    'http://localhost:4000',
    'localhost:4000/',
    'localhost:40:00',
  ])('are not %j', (value) => expect(() => hostAndPort(value)).toThrow('is not host:port'));
});

describe('the address of a server', () => {
  it.each(['http://127.0.0.1:4001', 'http://sso:4000', 'https://sso.example.com', 'http://[::1]:4000'])(
    'may be %s: plain http is for private networks',
    (value) => expect(serverUrl(value)).toBe(value),
  );

  it.each([
    'sso:4000',
    'http://sso:4000/',
    'http://sso:80',
    'http://u:p@sso:4000',
    'ftp://sso',
    'HTTP://sso',
    '',
  ])('is not %j', (value) => expect(() => serverUrl(value)).toThrow('is not a bare http(s)://host[:port]'));
});

describe('the log level', () => {
  it('is one of pino’s levels', () => {
    expect(logLevel('warn')).toBe('warn');
    for (const value of ['WARN', 'verbose', '30']) expect(() => logLevel(value)).toThrow('is not one of');
  });
});
