import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError, SealingKeys } from '@samesite-sso/core';
import { describe, expect, test } from 'vitest';
import { FOO, SSO, temporaryFolder } from '../../../test/support/sso/test-service.ts';
import { loadConfig } from './config.ts';

function environment(apps: unknown = [{ origin: FOO, name: 'Foo' }]): Record<string, string> {
  const registry = path.join(temporaryFolder(), 'apps.json');
  writeFileSync(registry, typeof apps === 'string' ? apps : JSON.stringify(apps));
  return { SSO_ORIGIN: SSO, SSO_LISTEN: '127.0.0.1:4000', SSO_DATABASE: 'sso.sqlite', SSO_APPS: registry };
}

function errorsOf(variables: Record<string, string>): readonly string[] {
  try {
    loadConfig(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.errors;
    throw error;
  }
  return [];
}

describe('the environment', () => {
  test('leaves every lifetime at the contract’s default', () => {
    expect(loadConfig(environment())).toMatchObject({
      origin: SSO,
      listen: { host: '127.0.0.1', port: 4000 },
      registryFile: expect.stringMatching(/apps\.json$/),
      apps: [{ origin: FOO, name: 'Foo', server: FOO }],
      sealing: null,
      warnings: [],
      tokenSeconds: 30,
      sessionIdleSeconds: 7200,
      sessionMaxSeconds: 43_200,
      failureLimits: { maxFailuresPerAccount: 10, maxFailures: 300 },
      auditDays: 90,
      contextWords: [],
      logLevel: 'info',
    });
  });

  test('is refused with all its errors at once', () => {
    const errors = errorsOf({
      ...environment(),
      SSO_ORIGIN: 'http://sso.example.com',
      SSO_LISTEN: '4000',
      SSO_DATABASE: '',
      SSO_TOKEN_SECONDS: '0',
      SSO_SESSION_IDLE_SECONDS: '-5',
      SSO_SESSION_MAX_SECONDS: 'long',
      SSO_MAX_FAILURES_PER_ACCOUNT: '0',
      SSO_MAX_FAILURES_PER_ADDRESS: '100001',
      SSO_AUDIT_DAYS: '1.5',
      LOG_LEVEL: 'loud',
    });
    expect(errors.map((error) => error.split(' ')[0])).toEqual([
      'SSO_ORIGIN',
      'SSO_LISTEN',
      'SSO_DATABASE',
      'SSO_TOKEN_SECONDS',
      'SSO_SESSION_IDLE_SECONDS',
      'SSO_SESSION_MAX_SECONDS',
      'SSO_MAX_FAILURES_PER_ACCOUNT',
      'SSO_MAX_FAILURES_PER_ADDRESS',
      'SSO_AUDIT_DAYS',
      'LOG_LEVEL',
    ]);
  });

  test('is reported together with the errors of the registry and the certificate', () => {
    const errors = errorsOf({ ...environment('{'), SSO_LISTEN: '', TLS_CERT_FILE: 'cert.pem' });
    expect(errors).toEqual([
      'SSO_LISTEN is empty',
      expect.stringContaining('is not JSON'),
      'TLS_KEY_FILE is missing, while TLS_CERT_FILE is set',
    ]);
  });

  test.each(['', ' ', '-1', '1.5', '1e3', 'many', '0x10', '١'])('allows no failure limit of %j', (value) => {
    const variables = { SSO_MAX_FAILURES_PER_ACCOUNT: value, SSO_MAX_FAILURES_PER_ADDRESS: value };
    expect(errorsOf({ ...environment(), ...variables })).toEqual([
      expect.stringContaining('SSO_MAX_FAILURES_PER_ACCOUNT is'),
      expect.stringContaining('SSO_MAX_FAILURES_PER_ADDRESS is'),
    ]);
  });

  test('needs a certificate and its key, or neither', () => {
    expect(errorsOf({ ...environment(), TLS_KEY_FILE: 'key.pem' })).toEqual([
      'TLS_CERT_FILE is missing, while TLS_KEY_FILE is set',
    ]);
    expect(errorsOf({ ...environment(), TLS_CERT_FILE: 'cert.pem' })).toEqual([
      'TLS_KEY_FILE is missing, while TLS_CERT_FILE is set',
    ]);
  });
});

describe('the database', () => {
  const URL = 'postgres://sso:hush@db.example.com/sso?sslmode=verify-full';

  /** A file of sealing keys with this content. */
  function sealingKeyFile(content: string, mode = 0o600): string {
    const file = path.join(temporaryFolder(), 'sealing.keys');
    writeFileSync(file, content);
    chmodSync(file, mode);
    return file;
  }
  const goodFile = () => sealingKeyFile(`${randomBytes(32).toString('base64')}\n`);

  test('may be a PostgreSQL database, whose keys are sealed', () => {
    const variables = { ...environment(), SSO_DATABASE: URL, SSO_SEALING_KEY_FILE: goodFile() };
    expect(loadConfig(variables)).toMatchObject({ database: URL, sealing: expect.any(SealingKeys) });
  });

  test('is refused if it is a PostgreSQL database without sealing keys', () => {
    expect(errorsOf({ ...environment(), SSO_DATABASE: URL })).toEqual([
      'SSO_SEALING_KEY_FILE is missing: keys in a PostgreSQL database must be sealed',
    ]);
  });

  test('is refused if its URL is invalid, together with the sealing keys, and no password is shown', () => {
    const variables = { SSO_DATABASE: 'postgres://sso:hush@/sso', SSO_SEALING_KEY_FILE: 'missing.keys' };
    const errors = errorsOf({ ...environment(), ...variables });
    expect(errors).toEqual([
      expect.stringMatching(/^SSO_DATABASE /),
      'SSO_SEALING_KEY_FILE: missing.keys is missing',
    ]);
    expect(errors.join()).not.toContain('hush');
  });

  test('of SQLite needs no sealing keys, and those that are given are validated', () => {
    expect(errorsOf({ ...environment(), SSO_SEALING_KEY_FILE: goodFile() })).toEqual([]);
    const file = sealingKeyFile('hush', 0o644);
    expect(errorsOf({ ...environment(), SSO_SEALING_KEY_FILE: file })).toEqual([
      `SSO_SEALING_KEY_FILE: ${file} is open to others (mode 644); run chmod 600 ${file}`,
    ]);
    chmodSync(file, 0o600);
    const errors = errorsOf({ ...environment(), SSO_SEALING_KEY_FILE: file });
    expect(errors).toEqual([
      expect.stringContaining(`SSO_SEALING_KEY_FILE: ${file}, line 1: is not 32 random`),
    ]);
    expect(errors.join()).not.toContain('hush');
  });
});

describe('a path', () => {
  const INVALID_PATHS: [what: string, path: string, shown: string][] = [
    ['a carriage return after it', 'sso.db\r', 'contains a control character (it is "sso.db\\r")'],
    ['a newline in it', 'sso\n.db', 'contains a control character (it is "sso\\n.db")'],
    ['a space after it', 'sso.db ', 'has white space around it (it is "sso.db ")'],
    ['a no-break space before it', '\u00a0sso.db', 'has white space around it (it is "\\u00a0sso.db")'],
    ['a byte order mark before it', '\ufeffsso.db', 'has white space around it (it is "\\ufeffsso.db")'],
    ['a zero-width character after it', 'sso.db\u200b', 'has white space around it (it is "sso.db\\u200b")'],
    ['quotes around it', '"sso.db"', 'has quotes around it'],
    ['one single quote', "sso.db'", 'has quotes around it'],
    ['nothing', '', 'is empty'],
  ];
  const NAMES = [
    ...['SSO_DATABASE', 'SSO_SEALING_KEY_FILE', 'SSO_APPS'],
    ...['TLS_CERT_FILE', 'TLS_KEY_FILE', 'ALLOW_OPEN_FILES_IN'],
  ];

  test.each(INVALID_PATHS)(
    'with %s is refused in every variable, and shown escaped [T-SECRET-04]',
    (_what, path, shown) => {
      const errors = errorsOf({ ...environment(), ...Object.fromEntries(NAMES.map((name) => [name, path])) });
      expect(errors).toEqual(NAMES.map((name) => expect.stringContaining(`${name} ${shown}`)));
    },
  );

  test.each([
    [':memory:', 'is not the path of a file'],
    [':sharedmemory:', 'is not the path of a file'],
    ['file:sso.db?mode=memory', 'is a URI'],
    ['FILE:///tmp/sso.db', 'is a URI'],
    ['/tmp', 'is a folder'],
    ['nowhere/', 'is the path of a folder'],
    ['/dev/null', 'is not a regular file'],
    ['/nowhere/sso.db', "can't be used as a database: ENOENT"],
  ])('is not valid for a database: %s', (path, reason) => {
    const errors = errorsOf({ ...environment(), SSO_DATABASE: path, SSO_TOKEN_SECONDS: '0' });
    expect(errors).toEqual([expect.stringContaining(reason), expect.stringMatching(/^SSO_TOKEN_SECONDS /)]);
    expect(errors[0]).toMatch(/^SSO_DATABASE/);
  });

  test('of a file that is not a database is reported with the other errors, and the file is kept', () => {
    const database = path.join(temporaryFolder(), 'apps.json');
    writeFileSync(database, '[]'.repeat(500), { mode: 0o600 });
    const errors = errorsOf({ ...environment(), SSO_DATABASE: database, SSO_TOKEN_SECONDS: '0' });
    expect(errors).toEqual([
      `SSO_DATABASE: ${database} can't be used as a database: file is not a database`,
      expect.stringMatching(/^SSO_TOKEN_SECONDS /),
    ]);
    expect(readFileSync(database, 'utf8')).toBe('[]'.repeat(500));
  });

  test('of a missing database creates none while there is another error', () => {
    const variables = { ...environment(), SSO_TOKEN_SECONDS: '0' };
    const database = path.join(temporaryFolder(), 'sso.db');
    errorsOf({ ...variables, SSO_DATABASE: database });
    expect(existsSync(database)).toBe(false);
  });

  test('in ALLOW_OPEN_FILES_IN must be a folder, and not the root folder', () => {
    const name = 'ALLOW_OPEN_FILES_IN';
    expect(errorsOf({ ...environment(), [name]: '/nowhere' })).toEqual([
      `${name} is not a folder (it is "/nowhere")`,
    ]);
    expect(errorsOf({ ...environment(), [name]: '/' })).toEqual([`${name} is the root folder (it is "/")`]);
  });
});

describe('trusted proxies', () => {
  test('are none by default, and otherwise what the variable names', () => {
    expect(loadConfig(environment()).trustedProxies).toEqual([]);
    const named = { ...environment(), SSO_TRUSTED_PROXIES: '10.1.0.7, fd00:12::/32' };
    expect(loadConfig(named).trustedProxies).toEqual(['10.1.0.7', 'fd00:12::/32']);
  });

  test('that are invalid are named together, in one line', () => {
    const errors = errorsOf({ ...environment(), SSO_TRUSTED_PROXIES: 'loopback,10.1.0.7,0.0.0.0/0' });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(
      /^SSO_TRUSTED_PROXIES has .*"loopback" is not .*; "0\.0\.0\.0\/0" is wider .*$/,
    );
  });
});

describe('the registry', () => {
  test.each([
    ['isn’t JSON', '[{', 'is not JSON'],
    ['isn’t an array', { origin: FOO }, 'is not a JSON array'],
    ['has an entry that is null', [null], 'line 1, column 2: app 1 is not an object'],
    ['has an entry without a name', [{ origin: FOO }], 'line 1, column 2: app 1 has no "name"'],
    [
      'has a name that is a number',
      [{ origin: FOO, name: 7 }],
      'has an invalid "name": it must be a string of 1 to 128 characters',
    ],
    [
      'has a name that is empty',
      [{ origin: FOO, name: '' }],
      'has an invalid "name": it must be a string of 1 to',
    ],
    [
      'has an unknown member',
      [{ origin: FOO, name: 'Foo', secret: 'x' }],
      'has the member "secret", which is',
    ],
    ['has a name twice', `[{"origin":"${FOO}","name":"Foo","name":"Foo"}]`, 'in this object yet, found'],
    ['is empty', ' \n', 'is empty; it should be a JSON array of apps'],
    [
      'has a pattern',
      [{ origin: 'https://*.example.com', name: 'Foo' }],
      'is not an origin in canonical form',
    ],
    ['has a trailing slash', [{ origin: `${FOO}/`, name: 'Foo' }], 'is not an origin in canonical form'],
    ['has upper case', [{ origin: 'http://Foo.example.localhost', name: 'Foo' }], 'canonical form'],
    ['has a default port', [{ origin: 'http://foo.example.localhost:80', name: 'Foo' }], 'canonical form'],
    ['has plain http beyond loopback', [{ origin: 'http://foo.example.com', name: 'Foo' }], 'use https'],
    ['has an app of another site', [{ origin: 'http://foo.localhost:4001', name: 'Foo' }], 'withhold'],
    [
      'has one origin twice',
      [
        { origin: FOO, name: 'Foo' },
        { origin: FOO, name: 'Again' },
      ],
      'another app has already',
    ],
    ['has the SSO service itself', [{ origin: SSO, name: 'SSO' }], 'own origin'],
    [
      'has a server with a slash at its end',
      [{ origin: FOO, name: 'Foo', server: 'http://127.0.0.1:4001/x/' }],
      'has a "server" that has a path, "/x/", that is neither',
    ],
    [
      'has a server reached by plain http on a public name',
      [{ origin: FOO, name: 'Foo', server: 'http://foo.example.com' }],
      'has a "server" that is plain http',
    ],
    [
      'has groups that aren’t an array',
      [{ origin: FOO, name: 'Foo', groups: 'staff' }],
      'has an invalid "groups": it must be an array of group names',
    ],
    [
      // An operator's template with an empty variable must not let everybody in.
      'has groups that are null',
      [{ origin: FOO, name: 'Foo', groups: null }],
      'has an invalid "groups": it must be an array of group names',
    ],
    [
      'has an empty array of groups',
      [{ origin: FOO, name: 'Foo', groups: [] }],
      'has an invalid "groups": it must have at least one group',
    ],
    [
      'has too many groups',
      [{ origin: FOO, name: 'Foo', groups: Array.from({ length: 33 }, (_, index) => `group-${index}`) }],
      'has an invalid "groups": it must have at most 32 groups',
    ],
    [
      'has a group twice',
      [{ origin: FOO, name: 'Foo', groups: ['staff', 'admins', 'staff'] }],
      'has an invalid "groups": it must have each group once',
    ],
    [
      'has a group whose name is invalid',
      [{ origin: FOO, name: 'Foo', groups: ['staff', 'Staff'] }],
      'has an invalid "groups": element 2 must be 1 to 63 of a–z',
    ],
    [
      'has a group that is a number',
      [{ origin: FOO, name: 'Foo', groups: [7] }],
      'has an invalid "groups": element 1 must be 1 to 63 of a–z',
    ],
    [
      'has a second factor that isn’t a boolean',
      [{ origin: FOO, name: 'Foo', secondFactor: 'false' }],
      'has an invalid "secondFactor": it must be true or false',
    ],
  ])('that %s is refused, with the reason', (_name, apps, reason) => {
    const errors = errorsOf(environment(apps));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(reason);
  });

  test('is refused with all errors of its members at once', () => {
    expect(
      errorsOf(
        environment([
          { name: '', server: 1 },
          { origin: 'x', name: 'Foo', server: 'y' },
        ]),
      ),
    ).toEqual([
      expect.stringContaining('app 1 has no "origin"'),
      expect.stringContaining('app 1 has an invalid "name"'),
      expect.stringContaining('app 1 has an invalid "server"'),
      expect.stringContaining('app 2 has the origin "x", which is not'),
      expect.stringContaining('app 2 has a "server" that is not'),
    ]);
  });

  test.each([
    [
      '[\r\n  {"origin": 1,}\r\n]',
      'line 2, column 16: is not JSON: expected a name in double quotes after the comma, found "}"',
    ],
    [
      '[{}] \u001b[2J',
      'line 1, column 6: is not JSON: expected punctuation, a string in double quotes, ' +
        'a number, true, false or null, found "\\u001b"',
    ],
    ['[', 'line 1, column 2: is not JSON: expected ], found the end of the file'],
  ])('that is not JSON is refused with the place of the error: %j', (text, reason) => {
    const errors = errorsOf(environment(text));
    expect(errors).toEqual([expect.stringMatching(/^SSO_APPS: \S+apps\.json, line/)]);
    expect(errors[0]).toContain(reason);
  });

  test('says what its apps require, groups in the order of their names', () => {
    const groups = ['staff', 'admins'];
    const { apps } = loadConfig(environment([{ origin: FOO, name: 'Foo', groups, secondFactor: true }]));
    expect(apps).toMatchObject([{ groups: ['admins', 'staff'], secondFactor: true }]);
  });

  test('is read with a byte order mark and carriage returns', () => {
    const { apps } = loadConfig(environment(`\ufeff[\r\n{"origin": "${FOO}", "name": "Foo"}\r\n]\r\n`));
    expect(apps).toEqual([{ origin: FOO, name: 'Foo', server: FOO, groups: null, secondFactor: false }]);
  });

  test('in another encoding is refused with the remedy', () => {
    const variables = environment();
    writeFileSync(String(variables['SSO_APPS']), Buffer.from('\ufeff[]', 'utf16le'));
    expect(errorsOf(variables)).toEqual([expect.stringContaining('is not UTF-8 text; save it as UTF-8')]);
  });

  test('that cannot be read, or is invalid, is reported together with an invalid SSO_ORIGIN', () => {
    const invalid = { SSO_ORIGIN: `${SSO}/` };
    expect(errorsOf({ ...environment(), ...invalid, SSO_APPS: '/nowhere/apps.json' })).toEqual([
      expect.stringMatching(/^SSO_ORIGIN is not/),
      expect.stringMatching(/^SSO_APPS: \/nowhere\/apps\.json can't be read/),
    ]);
    expect(errorsOf({ ...environment([{ origin: FOO }]), ...invalid })).toEqual([
      expect.stringMatching(/^SSO_ORIGIN is not/),
      expect.stringContaining('app 1 has no "name"'),
    ]);
  });

  test('that cannot be read is refused', () => {
    expect(errorsOf({ ...environment(), SSO_APPS: '/nowhere/apps.json' })[0]).toContain(
      "can't be read (ENOENT)",
    );
  });

  test('is refused with the errors of all apps at once', () => {
    const apps = [
      { origin: 'null', name: 'a' },
      { origin: FOO, name: 'b' },
      { origin: '*', name: 'c' },
    ];
    const text = `[\n\n${apps.map((app) => JSON.stringify(app)).join(',\n')}]`;
    const errors = errorsOf(environment(text));
    expect(errors.map((error) => /^SSO_APPS: \S+, (line \d, column \d: app \d )/.exec(error)?.[1])).toEqual([
      'line 3, column 1: app 1 ',
      'line 5, column 1: app 3 ',
    ]);
  });

  test('with an app of another scheme is warned about, since Chromium calls it cross-site', () => {
    const { warnings } = loadConfig(
      environment([{ origin: 'https://foo.example.localhost:4001', name: 'Foo' }]),
    );
    expect(warnings).toEqual([expect.stringContaining('another scheme')]);
  });

  test.each([
    ['the SSO service', [SSO.replace(/\d+$/, '8443')], SSO],
    ['another app', [FOO, FOO.replace(/\d+$/, '8443')], FOO],
  ])(
    'with an app on the host of %s is warned about, since ports don’t isolate cookies [T-SESSION-09]',
    (_whose, origins, other) => {
      const { warnings } = loadConfig(environment(origins.map((origin) => ({ origin, name: 'An app' }))));
      expect(warnings).toEqual([expect.stringContaining(`has the host of ${other}:`)]);
    },
  );
});
