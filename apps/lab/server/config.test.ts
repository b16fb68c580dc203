import path from 'node:path';
import { ConfigError } from '@samesite-sso/core';
import { expect, test } from 'vitest';
import { loadConfig } from './config.ts';
import { testFolder } from './lab.fixture.ts';

const needed = () => ({
  LAB_ORIGIN: 'http://lab.example.localhost:4010',
  LAB_SAME_SITE_ORIGIN: 'http://target.example.localhost:4010',
  LAB_CROSS_SITE_ORIGIN: 'http://target.elsewhere.localhost:4010',
  LAB_LISTEN: '127.0.0.1:4010',
  LAB_REPORT_FILE: path.join(testFolder(), 'reports.json'),
  LAB_FOO_ORIGIN: 'http://foo.app.example.localhost:4001',
  LAB_LOREM_ORIGIN: 'http://lorem.app.example.localhost:4002',
  LAB_SSO_ORIGIN: 'http://sso.example.localhost:4000',
});

function errorsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.errors;
    throw error;
  }
  return [];
}

test('the lab needs eight variables', () => {
  const environment = needed();
  expect(loadConfig(environment)).toEqual({
    origin: environment.LAB_ORIGIN,
    sameSiteOrigin: environment.LAB_SAME_SITE_ORIGIN,
    crossSiteOrigin: environment.LAB_CROSS_SITE_ORIGIN,
    listen: { host: '127.0.0.1', port: 4010 },
    reportFile: environment.LAB_REPORT_FILE,
    reportUrl: null,
    fooOrigin: environment.LAB_FOO_ORIGIN,
    loremOrigin: environment.LAB_LOREM_ORIGIN,
    ssoOrigin: environment.LAB_SSO_ORIGIN,
    tls: null,
    logLevel: 'info',
  });
});

test('all missing variables are named in one error', () => {
  const names = errorsOf({}).map((error) => error.split(' ')[0]);
  expect(names).toEqual(Object.keys(needed()));
});

test('every origin that is not on a loopback name is named in one error [T-LAB-05]', () => {
  const names = Object.keys(needed()).filter((name) => name.endsWith('_ORIGIN'));
  const outside = Object.fromEntries(names.map((name) => [name, `https://${name.length}.example.com`]));
  const errors = errorsOf({ ...needed(), ...outside });
  expect(errors.map((error) => error.split(' ')[0])).toEqual(names);
  for (const error of errors) expect(error).toContain('is not on a loopback name');
});

test.each([
  [{ LAB_ORIGIN: 'http://lab.example.com' }, 'LAB_ORIGIN is plain http on a host that is not loopback'],
  [{ LAB_ORIGIN: 'http://LAB.example.localhost:4010' }, 'LAB_ORIGIN is not an origin in canonical form'],
  [{ LAB_FOO_ORIGIN: 'https://localhost.example.com' }, 'LAB_FOO_ORIGIN is not on a loopback name'],
  [{ LAB_SAME_SITE_ORIGIN: 'http://target.elsewhere.localhost:4010' }, 'must be same-site to LAB_ORIGIN'],
  [{ LAB_SAME_SITE_ORIGIN: 'http://lab.example.localhost:4010' }, 'needs another host than LAB_ORIGIN'],
  [{ LAB_CROSS_SITE_ORIGIN: 'http://target.example.localhost:4010' }, 'must be cross-site to LAB_ORIGIN'],
  [{ LAB_CROSS_SITE_ORIGIN: 'http://target.elsewhere.localhost' }, 'needs the scheme and port of LAB_ORIGIN'],
  [{ LAB_SAME_SITE_ORIGIN: 'https://target.example.localhost:4010' }, 'needs the scheme and port of LAB_OR'],
  [{ LAB_LISTEN: '4010' }, 'LAB_LISTEN is not host:port'],
  [{ LAB_LISTEN: '0.0.0.0:4010', LAB_NETWORK: 'host' }, 'LAB_NETWORK is not one of container'],
  [
    { LAB_REPORT_FILE: '/nowhere/reports.json' },
    "/nowhere/reports.json can't be written: ENOENT at /nowhere",
  ],
  [{ LAB_REPORT_URL: 'http://lab:4010' }, 'LAB_REPORT_URL is not the URL /reports on a loopback name'],
  [{ LAB_REPORT_URL: 'http://example.com/reports' }, 'LAB_REPORT_URL is not the URL /reports'],
  [{ LAB_REPORT_URL: 'http://lab:4010/x/reports' }, 'LAB_REPORT_URL is not the URL /reports'],
  [{ TLS_CERT_FILE: 'cert.pem' }, 'TLS_KEY_FILE is missing'],
])('the lab refuses %j', (variable, error) => {
  expect(errorsOf({ ...needed(), ...variable })).toEqual([expect.stringContaining(error)]);
});

test.each(['0.0.0.0:4010', '[::]:4010', '192.168.0.1:4010', 'example.com:4010'])(
  'the lab refuses to listen on %s, which other machines can reach [T-LAB-02]',
  (address) => {
    const refusal = expect.stringContaining('LAB_LISTEN is not a loopback address');
    expect(errorsOf({ ...needed(), LAB_LISTEN: address })).toEqual([refusal]);
  },
);

test.each(['localhost:4010', '[::1]:4010'])('the lab listens on the loopback address %s', (address) => {
  expect(errorsOf({ ...needed(), LAB_LISTEN: address })).toEqual([]);
});

test('the lab listens on all addresses of a container', () => {
  const config = loadConfig({ ...needed(), LAB_LISTEN: '0.0.0.0:4010', LAB_NETWORK: 'container' });
  expect(config.listen).toEqual({ host: '0.0.0.0', port: 4010 });
});

test('a container’s reporters get the URL under which they reach the lab', () => {
  const config = loadConfig({ ...needed(), LAB_REPORT_URL: 'http://lab:4010/reports' });
  expect(config.reportUrl).toBe('http://lab:4010/reports');
});
