import { rmSync } from 'node:fs';
import { SqliteDatabase } from '@samesite-sso/core';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ONE_SECOND_WHEN_BUSY_MS } from '../../../test/support/one-second.ts';
import { ACCOUNT, newDatabase, ORIGIN, SSO_ORIGIN, seedSession, serve } from './seeded-session.fixture.ts';
import { MIGRATIONS } from './storage/sqlite/schema.ts';

const url = '/session';
const json = { 'content-type': 'application/json' };
const own = { origin: ORIGIN };
const signedIn = { status: 'signed in', account: ACCOUNT };
const signedOut = { status: 'signed out' };
const token = JSON.stringify({ token: 'a.b.c' });

type Answer = { statusCode: number; headers: Record<string, unknown>; json(): { code: string } };

function expectProblem(answer: Answer, status: number, code: string): void {
  expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.headers['set-cookie']).toBeUndefined();
}

async function serveSignedIn() {
  const database = newDatabase();
  const cookie = await seedSession(database);
  const app = await serve({ database });
  const fetchSession = async () => (await app.inject({ url, headers: { cookie } })).json();
  const rows = new SqliteDatabase(database, MIGRATIONS);
  onTestFinished(() => rows.close());
  const signOuts = () => rows.sqlite.prepare('SELECT sid FROM site_sign_out').pluck().all();
  return { app, cookie, fetchSession, database, signOuts };
}

describe('step 1', () => {
  it('returns who is signed in, and forbids storing the response', async () => {
    const { app, cookie } = await serveSignedIn();
    const answer = await app.inject({ url, headers: { cookie } });
    expect([answer.statusCode, answer.json()]).toEqual([200, signedIn]);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it.each(['', '__Host-app=', `__Host-app=${'x'.repeat(43)}`, 'app=1', `__Host-sso=${'x'.repeat(43)}`])(
    'responds "signed out" for the cookie %j',
    async (cookie) => {
      const answer = await (await serve()).inject({ url, headers: { cookie } });
      expect([answer.statusCode, answer.json()]).toEqual([200, signedOut]);
      expect(answer.headers['cache-control']).toBe('no-store');
    },
  );

  it('returns the whole seconds until the session ends, unless nobody is signed in', async () => {
    let now = Date.now();
    const clock = () => now;
    const database = newDatabase();
    const cookie = await seedSession(database, { clock, ttlSeconds: 60 });
    const app = await serve({ database, clock });
    const maxAge = async () => (await app.inject({ url, headers: { cookie } })).headers['session-max-age'];
    const ages = [];
    for (const passed of [0, 1, 58_998, 1, 999, 1]) {
      now += passed;
      ages.push(await maxAge());
    }
    expect(ages).toEqual(['60', '59', '1', '1', '1', undefined]);
  });

  it('responds "signed out" once the session has expired', async () => {
    let now = Date.now();
    const clock = () => now;
    const database = newDatabase();
    const cookie = await seedSession(database, { clock, ttlSeconds: 60 });
    const app = await serve({ database, clock });
    const fetchSession = async () => (await app.inject({ url, headers: { cookie } })).json();
    expect(await fetchSession()).toEqual(signedIn);
    now += 60_000;
    expect(await fetchSession()).toEqual(signedOut);
  });
});

/** Headers of requests from other origins, some of them of the same site. */
const FOREIGN_ORIGINS: [what: string, headers: Record<string, string>][] = [
  ['no origin', {}],
  ['the opaque origin', { origin: 'null' }],
  ['the opaque origin within one origin', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
  ['the SSO service', { origin: SSO_ORIGIN }],
  ['another app of the site', { origin: 'http://lorem.app.example.localhost:4002' }],
  ['the same host on another port', { origin: 'http://foo.app.example.localhost:4002' }],
  ['the same host under another scheme', { origin: ORIGIN.replace('http', 'https') }],
  ['its own origin in upper case', { origin: ORIGIN.toUpperCase() }],
  ['its own origin with a slash', { origin: `${ORIGIN}/` }],
  ['its own origin and another', { origin: `${ORIGIN}, https://evil.example` }],
  ['an empty origin', { origin: '' }],
  ['a referrer only', { referer: `${ORIGIN}/` }],
];

describe.each(FOREIGN_ORIGINS)('a request from %s', (_what, headers) => {
  it('is refused by POST /session, with any body', async () => {
    const { app, cookie, fetchSession } = await serveSignedIn();
    for (const payload of [token, '{', '{}']) {
      const answer = await app.inject({
        method: 'POST',
        url,
        headers: { ...json, ...headers, cookie },
        payload,
      });
      expectProblem(answer, 403, 'origin-not-allowed');
    }
    expect(await fetchSession()).toEqual(signedIn);
  });

  it.each(['', '?scope=site', '?scope=x'])(
    'is refused by DELETE /session%s, and the session lives',
    async (query) => {
      const { app, cookie, fetchSession, signOuts } = await serveSignedIn();
      const answer = await app.inject({
        method: 'DELETE',
        url: url + query,
        headers: { ...headers, cookie },
      });
      expectProblem(answer, 403, 'origin-not-allowed');
      expect([await fetchSession(), signOuts()]).toEqual([signedIn, []]);
    },
  );
});

describe('step 4', () => {
  const post = async (payload: string, headers: Record<string, string> = json, host = Fastify()) =>
    (await serve({}, host)).inject({ method: 'POST', url, headers: { ...own, ...headers }, payload });

  it.each(['{"token":1}', '{"token":null}', '{"token":["a.b.c"]}', '{"token":{}}', '{"token":true}'])(
    'responds 400 if the token is not a string: %s',
    async (payload) => expectProblem(await post(payload), 400, 'invalid-request'),
  );

  it.each([
    '{}',
    'null',
    '"a.b.c"',
    '["a.b.c"]',
    '{"token":"a","sid":"b"}',
    '{"token":"a',
    '',
    '{"__proto__":{}}',
  ])('refuses a body of another form with 400: %j', async (payload) =>
    expectProblem(await post(payload), 400, 'invalid-request'),
  );

  it('responds 400 to a numeric token even if the host app’s validator converts it', async () => {
    const host = Fastify({ ajv: { customOptions: { coerceTypes: 'array' } } });
    const body = { type: 'object', properties: { token: { type: 'string' } } };
    host.post('/converting', { schema: { body } }, async (request) => request.body);
    const answer = await post('{"token":123}', json, host);
    const converted = await host.inject({
      method: 'POST',
      url: '/converting',
      headers: json,
      payload: '{"token":123}',
    });
    expect(converted.json()).toEqual({ token: '123' });
    expectProblem(answer, 400, 'invalid-request');
  });

  it('responds 413 to a body over 4 KiB even if the host app accepts larger bodies', async () => {
    const payload = JSON.stringify({ token: 'x'.repeat(4096) });
    expectProblem(await post(payload, json, Fastify({ bodyLimit: 1_000_000 })), 413, 'too-large');
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    'text/json',
  ])('refuses the content type %s with 415', async (type) =>
    expectProblem(await post(token, { 'content-type': type }), 415, 'unsupported-media-type'),
  );

  it('responds 415 if the content type is missing', async () => {
    expectProblem(await post(token, {}), 415, 'unsupported-media-type');
  });

  it('responds 415 to a form even if the host app parses forms', async () => {
    const host = Fastify();
    const type = 'application/x-www-form-urlencoded';
    host.addContentTypeParser(type, { parseAs: 'string' }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    expectProblem(await post('token=a.b.c', { 'content-type': type }, host), 415, 'unsupported-media-type');
  });

  it('responds invalid-token to junk while the SSO service is down', async () => {
    expectProblem(await post('{"token":"junk"}'), 401, 'invalid-token');
  });
});

describe('DELETE /session', () => {
  it('ends the session and clears its cookie', async () => {
    const { app, cookie, fetchSession } = await serveSignedIn();
    const answer = await app.inject({ method: 'DELETE', url, headers: { ...own, cookie } });
    expect([answer.statusCode, answer.json()]).toEqual([200, signedOut]);
    expect(answer.headers['set-cookie']).toBe(
      '__Host-app=; Max-Age=0; Path=/; HttpOnly; Secure; Priority=High; SameSite=Strict',
    );
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await fetchSession()).toEqual(signedOut);
  });

  it('with ?scope=site ends the session and records the sign-out of its SSO session', async () => {
    const { app, cookie, fetchSession, signOuts } = await serveSignedIn();
    const local = await app.inject({ method: 'DELETE', url, headers: own });
    const answer = await app.inject({
      method: 'DELETE',
      url: `${url}?scope=site`,
      headers: { ...own, cookie },
    });
    const { statusCode, body, headers } = answer;
    expect([statusCode, body, headers['set-cookie'], headers['cache-control']]).toEqual([
      local.statusCode,
      local.body,
      local.headers['set-cookie'],
      'no-store',
    ]);
    expect([await fetchSession(), signOuts()]).toEqual([signedOut, ['s1']]);
  });

  it.each([
    '?scope',
    '?scope=',
    '?scope=app',
    '?scope=Site',
    '?scope=site%20',
    '?scope=site&scope=site',
    '?scope=site&sid=s1',
    '?scope[]=site',
    '?SCOPE=site',
    '?site',
    '?x=1',
    '?__proto__=1',
  ])('responds 400 to the query %s, and the session lives [T-PATH-01]', async (query) => {
    const { app, cookie, fetchSession, signOuts } = await serveSignedIn();
    const answer = await app.inject({ method: 'DELETE', url: url + query, headers: { ...own, cookie } });
    expectProblem(answer, 400, 'invalid-request');
    expect([await fetchSession(), signOuts()]).toEqual([signedIn, []]);
  });

  it.each(['', '?scope=site'])('responds the same if there was no session: %j', async (query) => {
    const { app, cookie } = await serveSignedIn();
    const signOut = (headers: Record<string, string>) =>
      app.inject({ method: 'DELETE', url: url + query, headers });
    const answers = [
      await signOut({ ...own, cookie }),
      await signOut({ ...own, cookie }),
      await signOut(own),
    ];
    const responses = answers.map(({ statusCode, body, headers }) => [
      statusCode,
      body,
      headers['set-cookie'],
    ]);
    expect(responses[1]).toEqual(responses[0]);
    expect(responses[2]).toEqual(responses[0]);
    // Without a session here, only the page can notify the SSO service, so the page must know.
    const scope = query === '' ? undefined : 'site';
    expect(answers.map(({ headers }) => headers['sign-out-scope'])).toEqual([scope, undefined, undefined]);
  });
});

describe('the session routes', () => {
  it('send no CORS header and accept no preflight', async () => {
    const { app, cookie } = await serveSignedIn();
    const preflight = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    };
    for (const origin of [ORIGIN, SSO_ORIGIN, 'http://lorem.app.example.localhost:4002']) {
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS'] as const) {
        const headers = { ...json, ...preflight, origin, cookie };
        const answer = await app.inject({
          method,
          url,
          headers,
          ...(method === 'POST' && { payload: token }),
        });
        expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
        if (method === 'OPTIONS') expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      }
    }
  });
});

describe('step 1 with a failing database', () => {
  it('responds 503 within a second if the database is deleted, and the app keeps running', async () => {
    const { app, cookie, database } = await serveSignedIn();
    app.get('/livez', async () => ({}));
    rmSync(database);
    await vi.waitFor(
      async () => expectProblem(await app.inject({ url, headers: { cookie } }), 503, 'unavailable'),
      { timeout: ONE_SECOND_WHEN_BUSY_MS, interval: 50 },
    );
    expect((await app.inject('/livez')).statusCode).toBe(200);
  });

  it('responds 503 within a second while another process holds the lock', async () => {
    const { app, cookie, fetchSession, database } = await serveSignedIn();
    const other = new SqliteDatabase(database, MIGRATIONS);
    onTestFinished(() => other.close());
    other.sqlite.exec('BEGIN IMMEDIATE');
    const started = performance.now();
    const answer = await app.inject({ method: 'DELETE', url, headers: { ...own, cookie } });
    expect(performance.now() - started).toBeLessThan(ONE_SECOND_WHEN_BUSY_MS);
    expectProblem(answer, 503, 'unavailable');
    expect(await fetchSession()).toEqual(signedIn);
  });
});
