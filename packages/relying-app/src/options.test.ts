import { ConfigError } from '@samesite-sso/core';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { relyingApp } from './index.ts';
import { type RelyingAppOptions, validateOptions } from './options.ts';
import { newDatabase } from './seeded-session.fixture.ts';

const GOOD = {
  origin: 'https://foo.app.example.com',
  ssoOrigin: 'https://sso.example.com',
  database: 'app.db',
};

function faultsOf(options: Partial<RelyingAppOptions>): readonly string[] {
  try {
    validateOptions({ ...GOOD, ...options });
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('the options of a relying app', () => {
  it.each<Partial<RelyingAppOptions>>([
    {},
    { ssoServerUrl: 'http://sso:4000' },
    { origin: 'http://foo.app.example.localhost:4001', ssoOrigin: 'http://sso.example.localhost:4000' },
    { origin: 'http://127.0.0.1:4001', ssoOrigin: 'http://127.0.0.1:4000' },
    { corsOrigins: [], webSocketOrigins: [] },
    { basePath: '' },
    { basePath: '/api' },
    { basePath: '/~ada/a-b_c.d/.hidden/...' },
    { ssoServerUrl: undefined, sessionSeconds: undefined, clock: undefined } as object,
    { corsOrigins: ['https://a.example.com', 'https://b.example.com:8443'], webSocketOrigins: [GOOD.origin] },
  ])('may be %j', (options) => expect(faultsOf(options)).toEqual([]));

  it.each([
    ['another site', 'https://foo.example.org'],
    ['a site that only ends alike', 'https://notexample.com'],
  ])('are refused for an app of %s, because browsers would withhold the cookie', (_what, origin) => {
    expect(faultsOf({ origin })).toEqual([
      expect.stringMatching(
        /^origin: .* belongs to the site .+ browsers would withhold the SSO session's cookie/,
      ),
    ]);
  });

  it.each([
    ['https://foo.github.io', 'https://sso.github.io'],
    ['http://foo.localhost:4001', 'http://sso.localhost:4000'],
    ['http://127.0.0.1:4001', 'http://localhost:4000'],
  ])('are refused where browsers see two sites: %s and %s', (origin, ssoOrigin) => {
    expect(faultsOf({ origin, ssoOrigin })).toEqual([expect.stringContaining('browsers would withhold')]);
  });

  it('are refused for plain http on a public host', () => {
    expect(faultsOf({ origin: 'http://foo.app.example.com' })).toEqual([
      expect.stringMatching(/^origin: "http:\/\/foo\.app\.example\.com" is plain http/),
    ]);
  });

  it('are refused where app and SSO service share one origin', () => {
    expect(faultsOf({ origin: GOOD.ssoOrigin })).toEqual([expect.stringContaining('they must differ')]);
  });

  it('are refused with every fault named at once', () => {
    const faults = faultsOf({ origin: 'https://FOO.example.com', ssoOrigin: 'null', ssoServerUrl: 'sso' });
    expect(faults.map((fault) => fault.split(' ', 2).join(' '))).toEqual([
      'origin: "https://FOO.example.com"',
      'ssoOrigin: "null"',
      'ssoServerUrl: "sso"',
    ]);
  });

  describe.each(['corsOrigins', 'webSocketOrigins'] as const)('%s', (name) => {
    it.each([
      '*',
      'null',
      '',
      'https://*.example.com',
      'https://a.example.com/',
      'https://a.example.com/path',
      'https://A.example.com',
      'https://a.example.com:443',
      'a.example.com',
      'wss://a.example.com',
      'http://a.example.com',
      String(/^https:/),
    ])('are refused with %j, and every other fault is named beside it', (origin) => {
      expect(
        faultsOf({ [name]: ['https://b.example.com', origin, `${origin}.`], sessionSeconds: 0 }),
      ).toEqual([
        expect.stringContaining('sessionSeconds'),
        expect.stringMatching(new RegExp(`^${name}: ".*" is (not an origin|plain http)`)),
        expect.stringMatching(new RegExp(`^${name}: ".*" is not an origin`)),
      ]);
    });
  });

  it('are refused for another site, too, where a listed origin is faulty', () => {
    const options = { origin: 'https://foo.example.org', corsOrigins: ['*'], webSocketOrigins: ['null'] };
    expect(faultsOf(options)).toEqual([
      expect.stringMatching(/^corsOrigins: "\*" /),
      expect.stringMatching(/^webSocketOrigins: "null" /),
      expect.stringContaining('browsers would withhold'),
    ]);
  });

  it.each([0, -1, Number.NaN, 1.5, Number.POSITIVE_INFINITY])(
    'are refused with sessions of %d s',
    (sessionSeconds) => {
      expect(faultsOf({ sessionSeconds })).toEqual([expect.stringContaining('sessionSeconds')]);
    },
  );

  const ORIGIN_FAULT = 'is not an origin in canonical form, such as https://sso.example.com';

  it.each([
    'https://sso.example.com/',
    'https://sso.example.com ',
    ' https://sso.example.com',
    'https://sso.example.com\n',
    'sso.example.com',
    'https://sso.example.com/sso',
    'https://sso.example.com:443',
    '"https://sso.example.com"',
    'https://ada@sso.example.com',
    'https://sso.example.com\u202e',
    'https://sso.example.com\u001b[2J',
    '',
  ])('are refused with the ssoOrigin %j, told once, by its name, and escaped', (ssoOrigin) => {
    const escaped = JSON.stringify(ssoOrigin).replace('\u202e', '\\u202e');
    expect(faultsOf({ ssoOrigin })).toEqual([`ssoOrigin: ${escaped} ${ORIGIN_FAULT}`]);
  });

  it('show no more of a value than fits', () => {
    const [fault = ''] = faultsOf({ origin: `https://${'x'.repeat(10_000)}/` });
    expect(fault).toMatch(/^origin: "https:\/\/x+… is not an origin/);
    expect(fault.length).toBeLessThan(400);
  });

  const SETTINGS = {
    origin: 'is not a string',
    ssoOrigin: 'is not a string',
    ssoServerUrl: 'is not a string',
    database: 'is not a string',
    sessionSeconds: 'is not a positive integer',
    basePath: 'is not a string',
    corsOrigins: 'is not an array of origins',
    webSocketOrigins: 'is not an array of origins',
    clock: 'is not a function',
  };
  const OTHERS: [string, unknown][] = [
    ['null', null],
    ['true', true],
    ['NaN', Number.NaN],
    ['{}', {}],
    ['Symbol(a)', Symbol('a')],
    ['1n', 1n],
    ['[Object: null prototype] {}', Object.create(null)],
    ['/a/', /a/],
  ];
  it.each(
    Object.entries(SETTINGS).flatMap(([name, fault]) =>
      OTHERS.map(([words, value]) => [name, words, fault, value] as const),
    ),
  )('are refused, and nothing breaks, where %s is %s', (name, words, fault, value) => {
    expect(faultsOf({ [name]: value })).toEqual([`${name}: ${words} ${fault}`]);
  });

  it.each([5, null, undefined, ['https://a.example.com'], {}])(
    'are refused where a listed origin is %j',
    (value) => {
      const options = { corsOrigins: [value], webSocketOrigins: ['https://a.example.com', value] };
      expect(faultsOf(options as object)).toEqual([
        expect.stringMatching(/^corsOrigins: .* is not a string$/),
        expect.stringMatching(/^webSocketOrigins: .* is not a string$/),
      ]);
    },
  );

  it('are refused where a list is one origin', () => {
    expect(faultsOf({ corsOrigins: GOOD.origin as unknown as [] })).toEqual([
      `corsOrigins: "${GOOD.origin}" is not an array of origins`,
    ]);
  });

  it.each(['origin', 'ssoOrigin', 'database'])(
    'are refused without %s, and nothing else is wrong',
    (name) => {
      expect(faultsOf({ [name]: undefined })).toEqual([`${name} is missing`]);
    },
  );

  it.each(['', ' ', '\t'])('are refused with the database %j', (database) => {
    expect(faultsOf({ database })).toEqual([`database: ${JSON.stringify(database)} is empty`]);
  });

  it.each([
    [':memory:', 'is not the path of a file'],
    ['file:app.db', 'is a URI, not a path'],
    ['app.db ', 'has white space around it'],
    ['"app.db"', 'has quotes around it, which belong to a shell'],
    ['.', 'is a folder, not a file'],
    ['/dev/null', 'is not a regular file'],
    ['/'.padEnd(257, 'x'), "can't be used: ENAMETOOLONG, name too long"],
  ])('are refused with the database %j, told with the other faults', (database, fault) => {
    expect(faultsOf({ database, sessionSeconds: 0 })).toEqual([
      expect.stringMatching(/^database: ".{1,200}/),
      'sessionSeconds: 0 is not a positive integer',
    ]);
    expect(faultsOf({ database })[0]).toContain(` ${fault}`);
  });

  it.each([
    'https://sso.example.com/',
    'https://sso.example.com/sso',
    'http://sso.example.com',
    'sso:4000',
    '',
  ])('are refused with the ssoServerUrl %j', (ssoServerUrl) => {
    expect(faultsOf({ ssoServerUrl })).toEqual([expect.stringMatching(/^ssoServerUrl: ".*" is /)]);
  });

  it.each([
    '/',
    'api',
    '/api/',
    '//api',
    '/api//v1',
    '/.',
    '/../api',
    '/api/..',
    '/a%2e',
    '/a\\b',
    '/a?b',
    '/a#b',
    '/:a',
    '/*',
    '/ä',
    '/a b',
    '/a\n',
    'https://foo.app.example.com/api',
  ])('are refused with the basePath %j', (basePath) => {
    expect(faultsOf({ basePath })).toEqual([
      expect.stringMatching(/^basePath: ".*" is neither empty nor a path/),
    ]);
  });

  const KNOWN = `the options are ${Object.keys(SETTINGS).join(', ')}`;

  it.each([
    ['ssoServerURL', KNOWN],
    ['prefix', 'set basePath, or register the plugin in a scope that has the prefix'],
    ['cookieName', KNOWN],
    ['__proto__', KNOWN],
    ['x'.repeat(100), KNOWN],
  ])('are refused with %s, which is not an option, and say which ones there are', (name, words) => {
    const options = Object.fromEntries([[name, 1]]);
    expect(faultsOf(options)).toEqual([`${JSON.stringify(name)} is not an option of relyingApp; ${words}`]);
  });

  it('stop the app from starting when they are faulty', async () => {
    const app = Fastify();
    onTestFinished(() => app.close());
    const options = { ...GOOD, origin: 'https://foo.example.org', database: newDatabase() };
    await expect(app.register(relyingApp, options)).rejects.toBeInstanceOf(ConfigError);
  });
});
