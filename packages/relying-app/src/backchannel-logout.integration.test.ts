/** Single logout at the app's server: which requests end which sessions. */
import formbody from '@fastify/formbody';
import { logReasonOf, notFoundProblems, SqliteDatabase } from '@samesite-sso/core';
import Fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ONE_SECOND_WHEN_BUSY_MS } from '../../../test/support/one-second.ts';
import { fakeSso } from './fake-sso.fixture.ts';
import { ACCOUNT, newDatabase, ORIGIN, seedSession, serve } from './seeded-session.fixture.ts';
import { MIGRATIONS } from './storage/sqlite/schema.ts';

const url = '/backchannel-logout';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const formOf = (logout_token: string) => new URLSearchParams({ logout_token }).toString();

/** An app with a session of `s1`, and a valid logout token for it. */
async function serveSignedIn(host?: FastifyInstance) {
  const sso = await fakeSso(Date.now);
  const database = newDatabase();
  const cookie = await seedSession(database);
  const start = (anew?: FastifyInstance) => serve({ database, ssoServerUrl: sso.url }, anew);
  const app = await start(host);

  const fetchStatus = async (from = app, which = cookie) =>
    (await from.inject({ url: '/session', headers: { cookie: which } })).json().status;
  const send = (payload: string, headers: Record<string, string> = FORM, to = app) =>
    to.inject({ method: 'POST', url, headers, payload });
  const startSession = async (sid: string, cookies = '', at = app, token = sso.authenticationToken(sid)) =>
    at.inject({
      method: 'POST',
      url: '/session',
      headers: { origin: ORIGIN, 'content-type': 'application/json', cookie: cookies },
      payload: { token: await token },
    });
  const form = formOf(await sso.logoutToken());
  return { app, sso, database, cookie, start, fetchStatus, send, startSession, form };
}

type Answer = { statusCode: number; body: string; headers: Record<string, unknown> };

function expectRefused(answer: Answer): void {
  expect([answer.statusCode, answer.body]).toEqual([400, '{"error":"invalid_request"}']);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(answer.headers['cache-control']).toBe('no-store');
}

describe('POST /backchannel-logout', () => {
  it('ends every app session of the SSO session and no other, and responds 200 without a body', async () => {
    const { fetchStatus, send, form, database, app } = await serveSignedIn();
    const second = await seedSession(database);
    const bystander = await seedSession(database, { sid: 's2' });
    const answer = await send(form);
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect([await fetchStatus(), await fetchStatus(app, second)]).toEqual(['signed out', 'signed out']);
    expect(await fetchStatus(app, bystander)).toBe('signed in');
  });

  it('responds 200 if the SSO session has no app session here', async () => {
    const { sso, send, fetchStatus } = await serveSignedIn();
    expect((await send(formOf(await sso.logoutToken({ sid: 'unheard of' })))).statusCode).toBe(200);
    expect(await fetchStatus()).toBe('signed in');
  });

  it('accepts a second logout token of an SSO session, since the first response may be lost', async () => {
    const { sso, send } = await serveSignedIn();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect((await send(formOf(await sso.logoutToken()))).statusCode).toBe(200);
    }
  });

  it('accepts a logout token once', async () => {
    const { sso, send, fetchStatus, app, database } = await serveSignedIn();
    const form = formOf(await sso.logoutToken({ jti: 'j1' }));
    expect((await send(form)).statusCode).toBe(200);
    const other = await seedSession(database, { sid: 's2' });
    expectRefused(await send(form));
    expectRefused(await send(formOf(await sso.logoutToken({ jti: 'j1', sid: 's2' }))));
    expect(await fetchStatus(app, other)).toBe('signed in');
  });

  it('accepts exactly one of twenty parallel requests with one logout token', async () => {
    const { send, fetchStatus, form } = await serveSignedIn();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(form)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, ...Array(19).fill(400)]);
    expect(await fetchStatus()).toBe('signed out');
  });

  it('remembers a logout token and the ended sessions across a restart', async () => {
    const { app, sso, send, start, startSession, fetchStatus } = await serveSignedIn();
    const token = sso.authenticationToken('s1');
    const form = formOf(await sso.logoutToken());
    await send(form);
    await app.close();
    const restarted = await start();
    expectRefused(await send(form, FORM, restarted));
    expect((await startSession('s1', '', restarted, token)).statusCode).toBe(401);
    expect(await fetchStatus(restarted)).toBe('signed out');
  });

  it('fetches the keys once for logout tokens and authentication tokens together', async () => {
    const { send, startSession, sso, form } = await serveSignedIn();
    expect((await startSession('s2')).statusCode).toBe(201);
    expect((await send(form)).statusCode).toBe(200);
    expect(sso.requestPaths.filter((path) => path === '/.well-known/jwks.json')).toHaveLength(1);
  });

  it('logs the reason of a refusal and never the token, and keeps the response free of both', async () => {
    const lines: string[] = [];
    const reasons: (string | undefined)[] = [];
    const stream = { write: (line: string) => void lines.push(line) };
    const host = Fastify({ logger: { level: 'trace', stream } });
    host.addHook('onResponse', async (request) => void reasons.push(logReasonOf(request)));
    const { send, form } = await serveSignedIn(host);
    await send(form);
    expectRefused(await send(form));
    expectRefused(await send('logout_token=junk'));
    expect(reasons).toEqual([
      undefined,
      'invalid_request: jti used before',
      'invalid_request: Invalid Compact JWS',
    ]);
    expect(lines.join('')).toContain('"statusCode":200');
    for (const part of form.split('.').slice(1)) expect(lines.join('')).not.toContain(part);
  });
});

describe('a logout during step 4', () => {
  it('leaves no session behind: step 4 responds invalid-token and sets no cookie', async () => {
    const { app, sso, send, startSession, form, fetchStatus, database } = await serveSignedIn();
    const bystander = await seedSession(database, { sid: 's2' });
    sso.beforeIntrospection = async () => expect((await send(form)).statusCode).toBe(200);
    const answer = await startSession('s1', bystander);
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'invalid-token']);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(await fetchStatus(app, bystander)).toBe('signed in');

    const other = new SqliteDatabase(database, MIGRATIONS);
    onTestFinished(() => other.close());
    const sids = other.sqlite.prepare('SELECT sid FROM app_session').pluck().all();
    expect(sids).toEqual(['s2']);
  });

  it('does not affect step 4 of another SSO session', async () => {
    const { sso, send, startSession, form } = await serveSignedIn();
    sso.beforeIntrospection = async () => void (await send(form));
    const answer = await startSession('s2');
    expect([answer.statusCode, answer.json().account]).toEqual([201, ACCOUNT]);
  });
});

const JSON_TYPE = { 'content-type': 'application/json' };

describe('an invalid request to POST /backchannel-logout', () => {
  it.each<[string, Record<string, string>]>([
    ['without a content type', {}],
    ['as JSON', JSON_TYPE],
    ['as plain text', { 'content-type': 'text/plain' }],
    ['as a multipart form', { 'content-type': 'multipart/form-data; boundary=a' }],
    ['with the content type "form"', { 'content-type': 'form' }],
    ['with an empty content type', { 'content-type': '' }],
    [
      'with a content type that only starts with the right one',
      { 'content-type': `${FORM['content-type']}-2` },
    ],
  ])('is refused if it is sent %s', async (_what, headers) => {
    const { send, fetchStatus, form } = await serveSignedIn();
    expectRefused(await send(form, headers));
    expect(await fetchStatus()).toBe('signed in');
  });

  it('is refused if the token is in a JSON body', async () => {
    const { send, fetchStatus, sso } = await serveSignedIn();
    const payload = JSON.stringify({ logout_token: await sso.logoutToken() });
    expectRefused(await send(payload, JSON_TYPE));
    expect(await fetchStatus()).toBe('signed in');
  });

  it('is refused if the token is in the URL', async () => {
    const { app, fetchStatus, form } = await serveSignedIn();
    expectRefused(await app.inject({ method: 'POST', url: `${url}?${form}`, headers: FORM }));
    expect(await fetchStatus()).toBe('signed in');
  });

  it.each<[string, (form: string) => string]>([
    ['an empty body', () => ''],
    ['an empty token', () => 'logout_token='],
    ['another field name', (form) => form.replace('logout_token', 'token')],
    ['two tokens', (form) => `${form}&${form}`],
    ['a valid token and an empty one', (form) => `${form}&logout_token=`],
  ])('is refused if its form has %s', async (_what, change) => {
    const { send, fetchStatus, form } = await serveSignedIn();
    expectRefused(await send(change(form)));
    expect(await fetchStatus()).toBe('signed in');
  });

  it('is refused with 400 over 4 KiB even if the host app accepts larger bodies', async () => {
    const { send, fetchStatus, form } = await serveSignedIn(Fastify({ bodyLimit: 1_000_000 }));
    const answer = await send(`${form}&padding=${'x'.repeat(4096)}`);
    expect([answer.statusCode, answer.json()]).toEqual([400, { error: 'invalid_request' }]);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await fetchStatus()).toBe('signed in');
  });

  it('is refused with 405 if the method is not POST', async () => {
    const host = Fastify();
    await host.register(notFoundProblems);
    const { app, fetchStatus } = await serveSignedIn(host);
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      const answer = await app.inject({ method, url });
      expect([answer.statusCode, answer.headers['allow']]).toEqual([405, 'POST']);
    }
    expect(await fetchStatus()).toBe('signed in');
  });
});

describe('POST /backchannel-logout, as an endpoint,', () => {
  it('ignores unknown form fields and a charset', async () => {
    const { send, form } = await serveSignedIn();
    const headers = { 'content-type': `${FORM['content-type']}; charset=UTF-8` };
    expect((await send(`${form}&more=1`, headers)).statusCode).toBe(200);
  });

  it('ignores Origin and cookies, and sends no CORS header', async () => {
    const { app, send, form, fetchStatus, database } = await serveSignedIn();
    const cookie = await seedSession(database, { sid: 's2' });
    const answer = await send(form, { ...FORM, cookie, origin: 'https://evil.example' });
    expect(answer.statusCode).toBe(200);
    const headers = Object.keys(answer.headers);
    expect(headers.filter((name) => /^access-control-|^set-cookie$/.test(name))).toEqual([]);
    expect(await fetchStatus(app, cookie)).toBe('signed in');
  });

  it('works in a host app that already parses forms', async () => {
    const host = Fastify();
    await host.register(formbody);
    host.post('/theirs', async (request) => request.body);
    const { app, send, form } = await serveSignedIn(host);
    expect((await send(form)).statusCode).toBe(200);
    const theirs = await app.inject({ method: 'POST', url: '/theirs', headers: FORM, payload: 'a=b' });
    expect(theirs.json()).toEqual({ a: 'b' });
  });

  it('responds 503 within a second while the database is locked, and leaves nothing half done', async () => {
    const { send, form, fetchStatus, database } = await serveSignedIn();
    const other = new SqliteDatabase(database, MIGRATIONS);
    onTestFinished(() => other.close());
    other.sqlite.exec('BEGIN IMMEDIATE');
    const started = performance.now();
    const answer = await send(form);
    expect(performance.now() - started).toBeLessThan(ONE_SECOND_WHEN_BUSY_MS);
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'unavailable']);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await fetchStatus()).toBe('signed in');
    other.sqlite.exec('ROLLBACK');
    expect((await send(form)).statusCode).toBe(200);
    expect(await fetchStatus()).toBe('signed out');
  });
});
