import type { InjectOptions } from 'fastify';
import { describe, expect, test } from 'vitest';
import {
  cookieOf,
  FOO,
  LOREM,
  PASSWORD,
  SSO,
  testService,
} from '../../../../test/support/sso/test-service.ts';

const PREFLIGHT = {
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'content-type',
};

/** The headers that a browser evaluates. */
function corsHeaders(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));
}

const OTHER_ORIGINS = {
  'an unlisted origin of the same site': 'http://evil.app.example.localhost:4001',
  'another port': 'http://foo.app.example.localhost:4003',
  'another scheme': 'https://foo.app.example.localhost:4001',
  'a listed origin as a suffix': 'http://evil-foo.app.example.localhost:4001',
  'a listed origin as a prefix': `${FOO}.evil.example`,
  'upper case': FOO.toUpperCase(),
  'a trailing slash': `${FOO}/`,
  'the origin of sandboxed frames and files': 'null',
  "the SSO service's own": SSO,
  'two origins': `${FOO}, ${LOREM}`,
  'an asterisk': '*',
  'an empty one': '',
};

describe('a preflight', () => {
  test('of a registered app gets 204 with exactly the contract’s headers', async () => {
    const { app } = await testService();
    const answer = await app.inject({ method: 'OPTIONS', url: '/', headers: { origin: FOO, ...PREFLIGHT } });
    expect(answer.statusCode).toBe(204);
    expect(answer.body).toBe('');
    expect(answer.headers['vary']).toBe('Origin');
    expect(corsHeaders(answer.headers)).toEqual({
      'access-control-allow-origin': FOO,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'Content-Type',
      'access-control-max-age': '7200',
    });
  });

  test('that asks for more headers and another method gets the same response', async () => {
    const { app } = await testService();
    const asked = { 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'x-secret' };
    const answer = await app.inject({ method: 'OPTIONS', url: '/', headers: { origin: FOO, ...asked } });
    expect(answer.headers['access-control-allow-methods']).toBe('POST');
    expect(answer.headers['access-control-allow-headers']).toBe('Content-Type');
  });

  test.each(Object.entries(OTHER_ORIGINS))('of %s is refused without CORS headers', async (_name, origin) => {
    const { app } = await testService();
    const answer = await app.inject({ method: 'OPTIONS', url: '/', headers: { origin, ...PREFLIGHT } });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'origin-not-allowed' });
    expect(corsHeaders(answer.headers)).toEqual({});
    expect(answer.headers['vary']).toBe('Origin');
  });

  test.each([
    '/introspect',
    '/.well-known/jwks.json',
    '/.well-known/oauth-authorization-server',
    '/livez',
    '/x',
  ])('of %s is refused, since only the cross-origin endpoint has a CORS policy', async (url) => {
    const { app } = await testService();
    const answer = await app.inject({ method: 'OPTIONS', url, headers: { origin: FOO, ...PREFLIGHT } });
    expect(answer.statusCode).toBe(url === '/x' ? 404 : 405);
    expect(corsHeaders(answer.headers)).toEqual({});
  });

  test.each<[string, Record<string, string>]>([
    ['no Origin', { 'access-control-request-method': 'POST' }],
    ['no Access-Control-Request-Method', { origin: FOO }],
    ['an empty Access-Control-Request-Method', { origin: FOO, 'access-control-request-method': '' }],
    ['neither', {}],
  ])('with %s isn’t a preflight and gets 400', async (_name, headers) => {
    const { app } = await testService();
    const answer = await app.inject({ method: 'OPTIONS', url: '/', headers });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid-request' });
  });
});

describe('a cross-origin request', () => {
  const FOR_FOO = { 'access-control-allow-origin': FOO, 'access-control-allow-credentials': 'true' };
  const json = { 'content-type': 'application/json' };

  test.each<[string, number, InjectOptions]>([
    ['a valid request', 200, { headers: json, payload: '{"request":"login status"}' }],
    ['a request that needs a session', 401, { headers: json, payload: '{"request":"authentication token"}' }],
    ['an unknown request', 400, { headers: json, payload: '{"request":"everything"}' }],
    ['malformed JSON', 400, { headers: json, payload: '{' }],
    ['another content type', 415, { headers: { 'content-type': 'text/plain' }, payload: 'x' }],
    ['a body that is too large', 413, { headers: json, payload: `"${'x'.repeat(5000)}"` }],
    ['another method', 405, { method: 'PUT' }],
    ['an OPTIONS that isn’t a preflight', 400, { method: 'OPTIONS' }],
  ])('of a registered app gets a readable response to %s', async (_name, status, options) => {
    const { app } = await testService();
    const answer = await app.inject({
      method: 'POST',
      url: '/',
      ...options,
      headers: { ...options.headers, origin: FOO },
    });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['vary']).toBe('Origin');
    expect(corsHeaders(answer.headers)).toEqual(FOR_FOO);
  });

  test('gets its own origin in the CORS header, not another registered one', async () => {
    const { post } = await testService();
    const answer = await post({ request: 'login status' }, { origin: LOREM });
    expect(answer.headers['access-control-allow-origin']).toBe(LOREM);
  });

  test.each(Object.entries(OTHER_ORIGINS))('of %s is refused and has no effect', async (_name, origin) => {
    const { post, logIn } = await testService();
    const cookie = await logIn();
    const attempts = [
      await post({ request: 'login status' }, { origin, cookie }),
      await post({ request: 'authentication token' }, { origin, cookie }),
      await post({ request: 'login', username: 'ada', password: PASSWORD }, { origin, cookie }),
      await post({ request: 'logout' }, { origin, cookie }),
    ];
    for (const answer of attempts) {
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ code: 'origin-not-allowed' });
      expect(corsHeaders(answer.headers)).toEqual({});
      expect(answer.headers['vary']).toBe('Origin');
      expect(cookieOf(answer)).toBe('');
      expect(answer.body).not.toContain('localhost');
    }
    const after = await post({ request: 'login status' }, { cookie });
    expect(after.json()).toMatchObject({ status: 'signed in' });
  });

  test('without Origin is refused', async () => {
    const { app } = await testService();
    const answer = await app.inject({ method: 'POST', url: '/', payload: { request: 'login status' } });
    expect(answer.statusCode).toBe(403);
    expect(corsHeaders(answer.headers)).toEqual({});
  });

  test('with Sec-Fetch-Site cross-site is refused, even with a registered Origin', async () => {
    const { app } = await testService();
    const answer = await app.inject({
      method: 'POST',
      url: '/',
      headers: { origin: FOO, 'sec-fetch-site': 'cross-site' },
      payload: { request: 'login status' },
    });
    expect(answer.statusCode).toBe(403);
    expect(corsHeaders(answer.headers)).toEqual({});
  });

  test('to another route gets no CORS header, even from a registered app', async () => {
    const { app } = await testService();
    for (const url of [
      '/.well-known/jwks.json',
      '/.well-known/oauth-authorization-server',
      '/livez',
      '/readyz',
      '/x',
    ]) {
      const answer = await app.inject({ url, headers: { origin: FOO } });
      expect(corsHeaders(answer.headers)).toEqual({});
    }
    const answer = await app.inject({ method: 'POST', url: '/introspect', headers: { origin: FOO } });
    expect(corsHeaders(answer.headers)).toEqual({});
  });
});
