import { expect, it } from 'vitest';
import { describePurpose, isFromBrowser, isIgnored } from './purposes.ts';

const PREFLIGHT = { origin: 'https://foo.example.com', 'access-control-request-method': 'POST' };

it.each([
  ['sso', 'OPTIONS', '/', PREFLIGHT, null, 'preflight'],
  ['sso', 'OPTIONS', '/', {}, null, 'other'],
  ['sso', 'POST', '/', {}, { request: 'login status' }, 'login status'],
  ['sso', 'POST', '/', {}, { request: 'authentication token' }, 'authentication token'],
  ['sso', 'POST', '/', {}, { request: 'login', password: 'hush' }, 'login'],
  ['sso', 'POST', '/', {}, { request: 'logout' }, 'logout'],
  ['sso', 'POST', '/', {}, { request: 'hush' }, 'other'],
  ['sso', 'POST', '/', {}, undefined, 'other'],
  ['sso', 'GET', '/', {}, null, 'account page'],
  ['sso', 'POST', '/account/login', {}, {}, 'account page'],
  ['sso', 'POST', '/introspect', {}, {}, 'introspection'],
  ['sso', 'POST', '/end-session', {}, {}, 'end session'],
  ['sso', 'GET', '/.well-known/jwks.json', {}, null, 'key set'],
  ['sso', 'GET', '/.well-known/oauth-authorization-server', {}, null, 'metadata'],
  ['app', 'HEAD', '/', {}, null, 'document'],
  ['app', 'GET', '/session', {}, null, 'app session'],
  ['app', 'POST', '/session', {}, {}, 'start app session'],
  ['app', 'DELETE', '/session?scope=site', {}, null, 'end app session'],
  ['app', 'POST', '/backchannel-logout', {}, {}, 'logout token'],
  ['app', 'GET', '/.well-known/jwks.json', {}, null, 'key set'],
  ['app', 'GET', '/api/me', {}, null, 'api request'],
  ['app', 'POST', '/', {}, { request: 'login status' }, 'other'],
] as const)(
  'at %s, the request %s %s has a known purpose',
  (server, method, target, headers, body, purpose) => {
    expect(describePurpose({ method, target, headers }, server, body)).toBe(purpose);
  },
);

it.each([
  ['/livez', true],
  ['/readyz?x', true],
  ['/assets/main-1234.js', true],
  ['/account/assets/main-1234.js', true],
  ['/favicon.svg', true],
  ['/@vite/client', true],
  ['/src/main.ts', true],
  ['/', false],
  ['/session', false],
  ['/account/overview', false],
])('a request for %s is left out of the reports: %s', (target, isLeftOut) => {
  expect(isIgnored({ method: 'GET', target, headers: {} })).toBe(isLeftOut);
});

it('the inspector’s own requests are left out', () => {
  const headers = { 'user-agent': 'samesite-sso-lab' };
  expect(isIgnored({ method: 'GET', target: '/.well-known/jwks.json', headers })).toBe(true);
});

it('browsers send Origin or Sec-Fetch-Site, and servers neither', () => {
  const isBrowser = (headers: Record<string, string>) => isFromBrowser({ method: '', target: '', headers });
  expect(isBrowser({ origin: 'null' })).toBe(true);
  expect(isBrowser({ 'sec-fetch-site': 'none' })).toBe(true);
  expect(isBrowser({ 'sec-fetch-mode': 'cors', 'user-agent': 'node' })).toBe(false);
});
