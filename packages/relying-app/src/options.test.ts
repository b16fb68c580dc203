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

function errorsOf(options: Partial<RelyingAppOptions>): readonly string[] {
  try {
    validateOptions({ ...GOOD, ...options });
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('the options of relyingApp', () => {
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
  ])('accept %j', (options) => expect(errorsOf(options)).toEqual([]));

  it.each([
    ['another site', 'https://foo.example.org'],
    ['a site whose name only ends the same', 'https://notexample.com'],
  ])('reject an app of %s, since browsers would withhold the cookie', (_what, origin) => {
    expect(errorsOf({ origin })).toEqual([
      expect.stringMatching(
        /^origin: .* belongs to the site .+ browsers would withhold the SSO session's cookie/,
      ),
    ]);
  });

  it.each([
    ['https://foo.github.io', 'https://sso.github.io'],
    ['http://foo.localhost:4001', 'http://sso.localhost:4000'],
    ['http://127.0.0.1:4001', 'http://localhost:4000'],
  ])('reject %s and %s, which browsers treat as two sites', (origin, ssoOrigin) => {
    expect(errorsOf({ origin, ssoOrigin })).toEqual([expect.stringContaining('browsers would withhold')]);
  });

  it('reject plain http on a public host', () => {
    expect(errorsOf({ origin: 'http://foo.app.example.com' })).toEqual([
      expect.stringMatching(/^origin: "http:\/\/foo\.app\.example\.com" is plain http/),
    ]);
  });

  it('reject an app with the origin of the SSO service', () => {
    expect(errorsOf({ origin: GOOD.ssoOrigin })).toEqual([expect.stringContaining('they must differ')]);
  });

  it('name everything that is wrong in one error', () => {
    const errors = errorsOf({ origin: 'https://FOO.example.com', ssoOrigin: 'null', ssoServerUrl: 'sso' });
    expect(errors.map((reason) => reason.split(' ', 2).join(' '))).toEqual([
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
    ])('reject %j together with other invalid options [T-CSRF-08]', (origin) => {
      expect(
        errorsOf({ [name]: ['https://b.example.com', origin, `${origin}.`], sessionSeconds: 0 }),
      ).toEqual([
        expect.stringContaining('sessionSeconds'),
        expect.stringMatching(new RegExp(`^${name}: ".*" is (not an origin|plain http)`)),
        expect.stringMatching(new RegExp(`^${name}: ".*" is not an origin`)),
      ]);
    });
  });

  it('also reject another site if a listed origin is invalid', () => {
    const options = { origin: 'https://foo.example.org', corsOrigins: ['*'], webSocketOrigins: ['null'] };
    expect(errorsOf(options)).toEqual([
      expect.stringMatching(/^corsOrigins: "\*" /),
      expect.stringMatching(/^webSocketOrigins: "null" /),
      expect.stringContaining('browsers would withhold'),
    ]);
  });

  it.each([0, -1, Number.NaN, 1.5, Number.POSITIVE_INFINITY])(
    'reject a session lifetime of %d s',
    (sessionSeconds) => {
      expect(errorsOf({ sessionSeconds })).toEqual([expect.stringContaining('sessionSeconds')]);
    },
  );

  const ORIGIN_REASON = 'is not an origin in canonical form, such as https://sso.example.com';

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
  ])('reject the ssoOrigin %j in one message, with its name and escaped', (ssoOrigin) => {
    const escaped = JSON.stringify(ssoOrigin).replace('\u202e', '\\u202e');
    expect(errorsOf({ ssoOrigin })).toEqual([`ssoOrigin: ${escaped} ${ORIGIN_REASON}`]);
  });

  it('shorten a long value in the message', () => {
    const [reason = ''] = errorsOf({ origin: `https://${'x'.repeat(10_000)}/` });
    expect(reason).toMatch(/^origin: "https:\/\/x+… is not an origin/);
    expect(reason.length).toBeLessThan(400);
  });

  const SETTINGS = {
    origin: 'is not a string',
    ssoOrigin: 'is not a string',
    ssoServerUrl: 'is not a string',
    database: 'is not a string',
    sealingKeyFile: 'is not a string',
    store: 'has no function sessions.start',
    keyFile: 'is not a string',
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
    Object.entries(SETTINGS).flatMap(([name, reason]) =>
      OTHERS.map(([words, value]) => [name, words, reason, value] as const),
    ),
  )('reject %s = %s without crashing', (name, words, reason, value) => {
    const shown = name === 'store' ? 'the store' : words;
    expect(errorsOf({ [name]: value })).toEqual([`${name}: ${shown} ${reason}`]);
  });

  it.each([5, null, undefined, ['https://a.example.com'], {}])(
    'reject a listed origin that is %j',
    (value) => {
      const options = { corsOrigins: [value], webSocketOrigins: ['https://a.example.com', value] };
      expect(errorsOf(options as object)).toEqual([
        expect.stringMatching(/^corsOrigins: .* is not a string$/),
        expect.stringMatching(/^webSocketOrigins: .* is not a string$/),
      ]);
    },
  );

  it('reject a string in place of a list of origins', () => {
    expect(errorsOf({ corsOrigins: GOOD.origin as unknown as [] })).toEqual([
      `corsOrigins: "${GOOD.origin}" is not an array of origins`,
    ]);
  });

  it.each(['origin', 'ssoOrigin', 'database'])('reject a missing %s in one message', (name) => {
    expect(errorsOf({ [name]: undefined })).toEqual([`${name} is missing`]);
  });

  it.each(['', ' ', '\t'])('reject the empty database path %j', (database) => {
    expect(errorsOf({ database })).toEqual([`database: ${JSON.stringify(database)} is empty`]);
  });

  it.each([
    [':memory:', 'is not the path of a file'],
    ['file:app.db', 'is a URI, not a path'],
    ['app.db ', 'has white space around it'],
    ['"app.db"', 'has quotes around it, which belong to a shell'],
    ['.', 'is a folder, not a file'],
    ['/dev/null', 'is not a regular file'],
    ['/'.padEnd(257, 'x'), "can't be used: ENAMETOOLONG, name too long"],
  ])('reject the database path %j together with other invalid options', (database, reason) => {
    expect(errorsOf({ database, sessionSeconds: 0 })).toEqual([
      expect.stringMatching(/^database: ".{1,200}/),
      'sessionSeconds: 0 is not a positive integer',
    ]);
    expect(errorsOf({ database })[0]).toContain(` ${reason}`);
  });

  it.each([
    'https://sso.example.com/',
    'https://sso.example.com/sso',
    'http://sso.example.com',
    'sso:4000',
    '',
  ])('reject the ssoServerUrl %j', (ssoServerUrl) => {
    expect(errorsOf({ ssoServerUrl })).toEqual([expect.stringMatching(/^ssoServerUrl: ".*" is /)]);
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
  ])('reject the basePath %j [T-SSRF-03]', (basePath) => {
    expect(errorsOf({ basePath })).toEqual([
      expect.stringMatching(/^basePath: ".*" is neither empty nor a path/),
    ]);
  });

  const STORE = Object.freeze({
    sessions: { start() {}, find() {}, endBySid() {}, end() {}, purgeExpired() {} },
    signOuts: { has() {}, isPending() {}, claim() {}, settle() {} },
    endedSessions: { position() {}, readAfter() {} },
    isReady() {},
    close() {},
  });
  const URL = 'postgres://ada:secret@127.0.0.1/app';

  it.each<[string, object]>([
    ['a PostgreSQL URL with sealing keys', { database: URL, sealingKeyFile: 'sealing.keys' }],
    ['a path with sealing keys, which it ignores', { sealingKeyFile: 'sealing.keys' }],
    ['a store with keys', { database: undefined, store: STORE, keyFile: 'app.keys.json' }],
  ])('accept %s', (_what, options) => expect(errorsOf(options)).toEqual([]));

  it.each<[string, object, string]>([
    ['a URL without sealing keys', { database: URL }, 'sealingKeyFile is missing; the keys in a PostgreSQL'],
    [
      'a store beside a database',
      { store: STORE, keyFile: 'a.json' },
      'database and store exclude each other',
    ],
    [
      'a store without keys',
      { database: undefined, store: STORE },
      "keyFile is missing; a store doesn't hold",
    ],
    ['keys beside a database', { keyFile: 'a.json' }, 'keyFile is for a store'],
    [
      'a store that lacks a function',
      { store: { ...STORE, signOuts: { ...STORE.signOuts, settle: null } } },
      'store: the store has no function signOuts.settle',
    ],
    ['keys in a folder', { database: undefined, store: STORE, keyFile: '.' }, 'keyFile: "." is a folder'],
  ])('reject %s', (_what, options, reason) => {
    expect(errorsOf(options)).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    `${URL}?sslmode=maybe`,
    'postgres:ada:secret@127.0.0.1',
    `${URL}#x`,
    'mysql://ada:secret@host/app',
  ])('never show the password of the URL %s', (database) => {
    const [error = '', ...others] = errorsOf({ database, sealingKeyFile: 'sealing.keys' });
    expect(others).toEqual([]);
    expect(error).toMatch(/^database: the URL (is|has|contains) /);
    expect(error).not.toContain('secret');
  });

  const KNOWN = `the options are ${Object.keys(SETTINGS).join(', ')}`;

  it.each([
    ['ssoServerURL', KNOWN],
    ['prefix', 'set basePath, or register the plugin in a scope that has the prefix'],
    ['cookieName', KNOWN],
    ['__proto__', KNOWN],
    ['x'.repeat(100), KNOWN],
  ])('reject the unknown option %s and say what to use instead', (name, words) => {
    const options = Object.fromEntries([[name, 1]]);
    expect(errorsOf(options)).toEqual([`${JSON.stringify(name)} is not an option of relyingApp; ${words}`]);
  });

  it('stop the app from starting when they are invalid', async () => {
    const app = Fastify();
    onTestFinished(() => app.close());
    const options = { ...GOOD, origin: 'https://foo.example.org', database: newDatabase() };
    await expect(app.register(relyingApp, options)).rejects.toBeInstanceOf(ConfigError);
  });
});
