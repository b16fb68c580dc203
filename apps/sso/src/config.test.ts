import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { StartFault } from '@samesite-sso/service';
import { describe, expect, test } from 'vitest';
import { FOO, SSO, temporaryFolder } from '../test/test-service.ts';
import { loadConfig } from './config.ts';

function environment(apps: unknown = [{ origin: FOO, name: 'Foo' }]): Record<string, string> {
  const registry = path.join(temporaryFolder(), 'apps.json');
  writeFileSync(registry, typeof apps === 'string' ? apps : JSON.stringify(apps));
  return { SSO_ORIGIN: SSO, SSO_LISTEN: '127.0.0.1:4000', SSO_DATABASE: 'sso.sqlite', SSO_APPS: registry };
}

function faultsOf(variables: Record<string, string>): readonly string[] {
  try {
    loadConfig(variables);
  } catch (error) {
    if (error instanceof StartFault) return error.faults;
    throw error;
  }
  return [];
}

describe('the environment', () => {
  test('leaves every lifetime at the contract’s default', () => {
    expect(loadConfig(environment())).toMatchObject({
      origin: SSO,
      listen: { host: '127.0.0.1', port: 4000 },
      apps: [{ origin: FOO, name: 'Foo', server: FOO }],
      warnings: [],
      tokenSeconds: 30,
      sessionIdleSeconds: 7200,
      sessionMaxSeconds: 43_200,
      auditDays: 90,
      passwordWords: [],
      logLevel: 'info',
    });
  });

  test('is named fault by fault, all at once', () => {
    const faults = faultsOf({
      ...environment(),
      SSO_ORIGIN: 'http://sso.example.com',
      SSO_LISTEN: '4000',
      SSO_DATABASE: '',
      SSO_TOKEN_SECONDS: '0',
      SSO_SESSION_IDLE_SECONDS: '-5',
      SSO_SESSION_MAX_SECONDS: 'long',
      SSO_AUDIT_DAYS: '1.5',
      LOG_LEVEL: 'loud',
    });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'SSO_ORIGIN',
      'SSO_LISTEN',
      'SSO_DATABASE',
      'SSO_TOKEN_SECONDS',
      'SSO_SESSION_IDLE_SECONDS',
      'SSO_SESSION_MAX_SECONDS',
      'SSO_AUDIT_DAYS',
      'LOG_LEVEL',
    ]);
  });

  test('is told together with what is wrong with the registry and the certificate', () => {
    const faults = faultsOf({ ...environment('{'), SSO_LISTEN: '', TLS_CERT_FILE: 'cert.pem' });
    expect(faults).toEqual([
      'SSO_LISTEN is empty',
      expect.stringContaining('is not JSON'),
      'TLS_KEY_FILE is missing, while TLS_CERT_FILE is set',
    ]);
  });

  test('needs a certificate and its key, or neither', () => {
    expect(faultsOf({ ...environment(), TLS_KEY_FILE: 'key.pem' })).toEqual([
      'TLS_CERT_FILE is missing, while TLS_KEY_FILE is set',
    ]);
    expect(faultsOf({ ...environment(), TLS_CERT_FILE: 'cert.pem' })).toEqual([
      'TLS_KEY_FILE is missing, while TLS_CERT_FILE is set',
    ]);
  });
});

describe('trusted proxies', () => {
  test('are none, unless some are named', () => {
    const { trustedProxies } = loadConfig(environment());
    for (const address of ['127.0.0.1', '::1', '10.0.0.1'])
      expect(trustedProxies.includes(address)).toBe(false);
  });

  test('are those that are named', () => {
    const { trustedProxies } = loadConfig({
      ...environment(),
      SSO_TRUSTED_PROXIES: '10.1.0.7, fd00:12::/32',
    });
    const addresses = [
      '10.1.0.7',
      '::ffff:10.1.0.7',
      'fd00:12:ffff::1',
      '10.1.0.8',
      'fd00:13::1',
      '127.0.0.1',
    ];
    expect(addresses.map((address) => trustedProxies.includes(address))).toEqual([
      ...[true, true, true],
      ...[false, false, false],
    ]);
  });

  test('that are no addresses are named together, in the one line of their variable', () => {
    const faults = faultsOf({ ...environment(), SSO_TRUSTED_PROXIES: 'loopback,10.1.0.7,0.0.0.0/0' });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(
      /^SSO_TRUSTED_PROXIES names .*"loopback" is no .*; "0\.0\.0\.0\/0" is wider .*$/,
    );
  });
});

describe('the registry', () => {
  test.each([
    ['is no JSON', '[{', 'is not JSON'],
    ['is no array', { origin: FOO }, 'is not a JSON array'],
    ['has an entry of another form', [{ origin: FOO }], 'is not of the form'],
    ['has an unknown member', [{ origin: FOO, name: 'Foo', secret: 'x' }], 'is not of the form'],
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
      'has a server with a path',
      [{ origin: FOO, name: 'Foo', server: 'http://127.0.0.1:4001/x' }],
      '"server"',
    ],
    [
      'has a server reached by plain http on a public name',
      [{ origin: FOO, name: 'Foo', server: 'http://foo.example.com' }],
      'has a "server" that is plain http',
    ],
  ])('that %s is refused, with the reason', (_name, apps, reason) => {
    const faults = faultsOf(environment(apps));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(reason);
  });

  test('that cannot be read is refused', () => {
    expect(faultsOf({ ...environment(), SSO_APPS: '/nowhere/apps.json' })[0]).toContain(
      'cannot be read (ENOENT)',
    );
  });

  test('is named app by app, all at once', () => {
    const apps = [
      { origin: 'null', name: 'a' },
      { origin: FOO, name: 'b' },
      { origin: '*', name: 'c' },
    ];
    const faults = faultsOf(environment(apps));
    expect(faults.map((fault) => fault.slice(0, 15))).toEqual(['SSO_APPS: app 1', 'SSO_APPS: app 3']);
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
    'with an app on the host of %s is warned about, since cookies know no ports',
    (_whose, origins, other) => {
      const { warnings } = loadConfig(environment(origins.map((origin) => ({ origin, name: 'An app' }))));
      expect(warnings).toEqual([expect.stringContaining(`has the host of ${other}:`)]);
    },
  );
});
