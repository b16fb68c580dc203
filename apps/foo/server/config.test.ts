import { ConfigError } from '@samesite-sso/core';
import { expect, test } from 'vitest';
import { loadConfig } from './config.ts';

const NEEDED = {
  APP_ORIGIN: 'http://bar.app.example.localhost:4003',
  APP_NAME: 'Bar',
  APP_LISTEN: '127.0.0.1:4003',
  APP_DATABASE: 'bar.db',
  SSO_ORIGIN: 'http://sso.example.localhost:4000',
};

function errorsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.errors;
    throw error;
  }
  return [];
}

test('an app starts with five variables', () => {
  expect(loadConfig(NEEDED)).toEqual({
    origin: NEEDED.APP_ORIGIN,
    name: 'Bar',
    listen: { host: '127.0.0.1', port: 4003 },
    database: 'bar.db',
    sealingKeyFile: null,
    ssoOrigin: NEEDED.SSO_ORIGIN,
    ssoServerUrl: NEEDED.SSO_ORIGIN,
    tls: null,
    sessionSeconds: 1800,
    logLevel: 'info',
    otherApp: null,
    link: null,
    signIn: 'automatic',
  });
});

test('all missing variables are named in one error', () => {
  const names = errorsOf({}).map((error) => error.split(' ')[0]);
  expect(names).toEqual(Object.keys(NEEDED));
});

test.each([
  [{ APP_NAME: '' }, 'APP_NAME is empty'],
  [{ APP_ORIGIN: 'http://bar.example.com' }, 'APP_ORIGIN is plain http'],
  [{ APP_SESSION_SECONDS: '0' }, 'APP_SESSION_SECONDS is not a number of seconds'],
  [{ SSO_SERVER_URL: 'sso:4000' }, 'SSO_SERVER_URL is not a bare http(s)://host[:port]'],
  [{ SSO_SERVER_URL: 'http://sso.example.com' }, 'SSO_SERVER_URL is plain http'],
  [{ APP_OTHER_NAME: 'Baz' }, 'APP_OTHER_ORIGIN is missing'],
  [{ APP_OTHER_ORIGIN: 'http://baz.app.example.localhost:4004' }, 'APP_OTHER_NAME is missing'],
  [{ APP_LINK_NAME: 'More' }, 'APP_LINK_ORIGIN is missing'],
  [{ APP_LINK_ORIGIN: 'http://more.example.localhost:4005' }, 'APP_LINK_NAME is missing'],
  [{ APP_LINK_NAME: 'More', APP_LINK_ORIGIN: 'javascript:' }, 'APP_LINK_ORIGIN is not an origin'],
  [{ APP_SIGN_IN: 'Confirm' }, 'APP_SIGN_IN is not one of automatic, confirm'],
  [{ APP_SIGN_IN: '' }, 'APP_SIGN_IN is empty'],
  [{ TLS_CERT_FILE: 'cert.pem' }, 'TLS_KEY_FILE is missing'],
  [
    { APP_DATABASE: 'postgres://foo@db.example.com/foo' },
    'APP_SEALING_KEY_FILE is missing: keys in a PostgreSQL',
  ],
  [{ APP_SEALING_KEY_FILE: 'none.keys' }, 'APP_SEALING_KEY_FILE: none.keys is missing'],
])('the config rejects %j', (variable, error) => {
  expect(errorsOf({ ...NEEDED, ...variable })).toEqual([expect.stringContaining(error)]);
});

test('an invalid APP_SIGN_IN is named together with other invalid variables', () => {
  const errors = errorsOf({ ...NEEDED, APP_NAME: '', APP_SIGN_IN: 'silent' });
  expect(errors).toEqual([
    expect.stringMatching(/^APP_NAME /),
    'APP_SIGN_IN is not one of automatic, confirm (it is "silent")',
  ]);
});

test('APP_SIGN_IN=confirm makes the page ask before signing in', () => {
  expect(loadConfig({ ...NEEDED, APP_SIGN_IN: 'confirm' }).signIn).toBe('confirm');
});

test('a link consists of its text and an origin', () => {
  const link = { APP_LINK_NAME: 'More about this', APP_LINK_ORIGIN: 'http://more.example.localhost:4005' };
  expect(loadConfig({ ...NEEDED, ...link })).toMatchObject({
    link: { name: link.APP_LINK_NAME, origin: link.APP_LINK_ORIGIN },
    otherApp: null,
  });
});

test('SSO_SERVER_URL may be plain http on an internal host name', () => {
  expect(loadConfig({ ...NEEDED, SSO_SERVER_URL: 'http://sso:4000' }).ssoServerUrl).toBe('http://sso:4000');
});
