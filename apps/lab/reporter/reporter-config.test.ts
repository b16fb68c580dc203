import { ConfigError } from '@samesite-sso/core';
import { expect, it } from 'vitest';
import { loadReporterConfig } from './reporter-config.ts';

const VALID = {
  LAB_PROCESS: 'foo',
  LAB_REPORT_FILE: '/data/lab-reports.json',
  LAB_KEY_SETS:
    'http://sso.example.localhost:4000=http://sso:4000/.well-known/jwks.json ' +
    'http://foo.app.example.localhost:4001=https://127.0.0.1:4001/.well-known/jwks.json',
  APP_ORIGIN: 'http://foo.app.example.localhost:4001',
  SSO_ORIGIN: 'http://sso.example.localhost:4000',
};

function errorsOf(environment: Record<string, string | undefined>): readonly string[] {
  try {
    loadReporterConfig({ ...VALID, ...environment });
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).errors;
  }
}

it('the reporter knows its process, the report file and the key sets', () => {
  expect(loadReporterConfig(VALID)).toEqual({
    process: 'foo',
    reportFile: '/data/lab-reports.json',
    keySets: new Map([
      ['http://sso.example.localhost:4000', 'http://sso:4000/.well-known/jwks.json'],
      ['http://foo.app.example.localhost:4001', 'https://127.0.0.1:4001/.well-known/jwks.json'],
    ]),
  });
});

it('the SSO service has no APP_ORIGIN', () => {
  expect(errorsOf({ LAB_PROCESS: 'sso', APP_ORIGIN: undefined })).toEqual([]);
});

it.each([
  [{ APP_ORIGIN: 'https://foo.app.example.com' }, /^APP_ORIGIN is not on a loopback name/],
  [{ SSO_ORIGIN: 'https://sso.example.com' }, /^SSO_ORIGIN is not on a loopback name/],
  [{ SSO_ORIGIN: 'https://sso.localhost.example.com' }, /^SSO_ORIGIN is not on a loopback name/],
  [{ LAB_PROCESS: 'sso', SSO_ORIGIN: 'https://sso.example.com' }, /^SSO_ORIGIN is not on a loopback name/],
  [{ LAB_PROCESS: 'sso', APP_ORIGIN: 'https://foo.example.com' }, /^APP_ORIGIN is not on a loopback name/],
  [{ APP_ORIGIN: undefined }, /^APP_ORIGIN is missing/],
  [{ SSO_ORIGIN: undefined }, /^SSO_ORIGIN is missing/],
  [{ LAB_PROCESS: undefined }, /^LAB_PROCESS is missing/],
  [{ LAB_PROCESS: 'ipsum' }, /^LAB_PROCESS is not one of sso, foo, lorem/],
  [{ LAB_REPORT_FILE: '' }, /^LAB_REPORT_FILE is empty/],
  [{ LAB_KEY_SETS: undefined }, /^LAB_KEY_SETS is missing/],
  [
    { LAB_KEY_SETS: 'http://sso:4000/keys' },
    /^LAB_KEY_SETS contains .*, which is not an origin, =, and a URL/,
  ],
  [{ LAB_KEY_SETS: 'https://a.localhost' }, /^LAB_KEY_SETS contains .*, which has no URL after =/],
  [{ LAB_KEY_SETS: 'https://a.localhost=sso' }, /^LAB_KEY_SETS contains .*, which has no URL after =/],
  [{ LAB_KEY_SETS: 'https://a.localhost=http://sso.example.com/keys' }, /^LAB_KEY_SETS .* is plain http/],
  [{ LAB_KEY_SETS: 'https://a.localhost=file:///keys' }, /^LAB_KEY_SETS contains /],
])('the reporter refuses to start with %j [T-LAB-05]', (environment, reason) => {
  expect(errorsOf(environment)).toEqual([expect.stringMatching(reason)]);
});

it('all errors are reported at once', () => {
  expect(errorsOf({ LAB_PROCESS: undefined, LAB_KEY_SETS: ' ', APP_ORIGIN: undefined })).toHaveLength(3);
});
