/** Single logout as the app's server meets it: whose sessions end, and what ends none. */
import formbody from '@fastify/formbody';
import { Database, logReasonOf, notFoundProblems } from '@samesite-sso/core';
import Fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fakeSso } from './fake-sso.fixture.ts';
import { MIGRATIONS } from './schema.ts';
import { ACCOUNT, newDatabase, ORIGIN, seedSession, serve } from './seeded-session.fixture.ts';

const url = '/backchannel-logout';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const formOf = (logout_token: string) => new URLSearchParams({ logout_token }).toString();

/** An app with a session of `s1`, and a good token that would end it. */
async function serveSignedIn(host?: FastifyInstance) {
  const sso = await fakeSso(Date.now);
  const database = newDatabase();
  const cookie = await seedSession(database);
  const start = (anew?: FastifyInstance) => serve({ database, ssoServerUrl: sso.url }, anew);
  const app = await start(host);

  const look = async (from = app, which = cookie) =>
    (await from.inject({ url: '/session', headers: { cookie: which } })).json().status;
  const send = (payload: string, headers: Record<string, string> = FORM, to = app) =>
    to.inject({ method: 'POST', url, headers, payload });
  const startSession = async (sid: string, cookies = '', at = app) =>
    at.inject({
      method: 'POST',
      url: '/session',
      headers: { origin: ORIGIN, 'content-type': 'application/json', cookie: cookies },
      payload: { token: await sso.authenticationToken(sid) },
    });
  const form = formOf(await sso.logoutToken());
  return { app, sso, database, cookie, start, look, send, startSession, form };
}

type Answer = { statusCode: number; body: string; headers: Record<string, unknown> };

function expectRefused(answer: Answer): void {
  expect([answer.statusCode, answer.body]).toEqual([400, '{"error":"invalid_request"}']);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(answer.headers['cache-control']).toBe('no-store');
}

describe('a logout token', () => {
  it('ends every app session of its SSO session and no other, and is answered 200 and nothing more', async () => {
    const { look, send, form, database, app } = await serveSignedIn();
    const second = await seedSession(database);
    const bystander = await seedSession(database, { sid: 's2' });
    const answer = await send(form);
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect([await look(), await look(app, second)]).toEqual(['signed out', 'signed out']);
    expect(await look(app, bystander)).toBe('signed in');
  });

  it('is done too where no session hangs on it', async () => {
    const { sso, send, look } = await serveSignedIn();
    expect((await send(formOf(await sso.logoutToken({ sid: 'unheard of' })))).statusCode).toBe(200);
    expect(await look()).toBe('signed in');
  });

  it('may be followed by another of the same SSO session: the answer to the first may be lost', async () => {
    const { sso, send } = await serveSignedIn();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect((await send(formOf(await sso.logoutToken()))).statusCode).toBe(200);
    }
  });

  it('is good once', async () => {
    const { sso, send, look, app, database } = await serveSignedIn();
    const form = formOf(await sso.logoutToken({ jti: 'j1' }));
    expect((await send(form)).statusCode).toBe(200);
    const other = await seedSession(database, { sid: 's2' });
    expectRefused(await send(form));
    expectRefused(await send(formOf(await sso.logoutToken({ jti: 'j1', sid: 's2' }))));
    expect(await look(app, other)).toBe('signed in');
  });

  it('is good for exactly one of twenty who send it at once', async () => {
    const { send, look, form } = await serveSignedIn();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(form)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, ...Array(19).fill(400)]);
    expect(await look()).toBe('signed out');
  });

  it('is remembered across a restart, as is what it ended', async () => {
    const { app, send, form, start, startSession, look } = await serveSignedIn();
    await send(form);
    await app.close();
    const restarted = await start();
    expectRefused(await send(form, FORM, restarted));
    expect((await startSession('s1', '', restarted)).statusCode).toBe(401);
    expect(await look(restarted)).toBe('signed out');
  });

  it('is checked by the same keys as an authentication token, fetched once', async () => {
    const { send, startSession, sso, form } = await serveSignedIn();
    expect((await startSession('s2')).statusCode).toBe(201);
    expect((await send(form)).statusCode).toBe(200);
    expect(sso.asked.filter((path) => path === '/.well-known/jwks.json')).toHaveLength(1);
  });

  it('never reaches the log, nor does the reason of a refusal reach the answer', async () => {
    const lines: string[] = [];
    const details: (string | undefined)[] = [];
    const stream = { write: (line: string) => void lines.push(line) };
    const host = Fastify({ logger: { level: 'trace', stream } });
    host.addHook('onResponse', async (request) => void details.push(logReasonOf(request)));
    const { send, form } = await serveSignedIn(host);
    await send(form);
    expectRefused(await send(form));
    expectRefused(await send('logout_token=junk'));
    expect(details).toEqual([
      undefined,
      'invalid_request: jti used before',
      'invalid_request: Invalid Compact JWS',
    ]);
    expect(lines.join('')).toContain('"statusCode":200');
    for (const part of form.split('.').slice(1)) expect(lines.join('')).not.toContain(part);
  });
});

describe('a logout that overtakes step 4', () => {
  it('leaves no session behind: the token is invalid, and nothing is set', async () => {
    const { app, sso, send, startSession, form, look, database } = await serveSignedIn();
    const bystander = await seedSession(database, { sid: 's2' });
    sso.beforeIntrospection = async () => expect((await send(form)).statusCode).toBe(200);
    const answer = await startSession('s1', bystander);
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'invalid-token']);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(await look(app, bystander)).toBe('signed in');

    const other = new Database(database, MIGRATIONS);
    onTestFinished(() => other.close());
    const sids = other.sqlite.prepare('SELECT sid FROM app_session').pluck().all();
    expect(sids).toEqual(['s2']);
  });

  it('does not concern a step 4 of another SSO session', async () => {
    const { sso, send, startSession, form } = await serveSignedIn();
    sso.beforeIntrospection = async () => void (await send(form));
    const answer = await startSession('s2');
    expect([answer.statusCode, answer.json().account]).toEqual([201, ACCOUNT]);
  });
});

const JSON_TYPE = { 'content-type': 'application/json' };

describe('a request that is no logout, whatever token it carries,', () => {
  it.each<[string, Record<string, string>]>([
    ['without a content type', {}],
    ['as JSON', JSON_TYPE],
    ['as text', { 'content-type': 'text/plain' }],
    ['as a form of several parts', { 'content-type': 'multipart/form-data; boundary=a' }],
    ['of a content type that is none', { 'content-type': 'form' }],
    ['of a content type that is empty', { 'content-type': '' }],
    ['of a content type that only begins alike', { 'content-type': `${FORM['content-type']}-2` }],
  ])('is refused %s', async (_what, headers) => {
    const { send, look, form } = await serveSignedIn();
    expectRefused(await send(form, headers));
    expect(await look()).toBe('signed in');
  });

  it('is refused as JSON that holds the token', async () => {
    const { send, look, sso } = await serveSignedIn();
    const payload = JSON.stringify({ logout_token: await sso.logoutToken() });
    expectRefused(await send(payload, JSON_TYPE));
    expect(await look()).toBe('signed in');
  });

  it('is refused with the token in the address', async () => {
    const { app, look, form } = await serveSignedIn();
    expectRefused(await app.inject({ method: 'POST', url: `${url}?${form}`, headers: FORM }));
    expect(await look()).toBe('signed in');
  });

  it.each<[string, (form: string) => string]>([
    ['an empty body', () => ''],
    ['an empty token', () => 'logout_token='],
    ['another name', (form) => form.replace('logout_token', 'token')],
    ['two tokens', (form) => `${form}&${form}`],
    ['a good token and an empty one', (form) => `${form}&logout_token=`],
  ])('is refused with %s', async (_what, change) => {
    const { send, look, form } = await serveSignedIn();
    expectRefused(await send(change(form)));
    expect(await look()).toBe('signed in');
  });

  it('is refused over 4 KiB like anything else that is wrong, in a host app that reads more', async () => {
    const { send, look, form } = await serveSignedIn(Fastify({ bodyLimit: 1_000_000 }));
    const answer = await send(`${form}&padding=${'x'.repeat(4096)}`);
    expect([answer.statusCode, answer.json()]).toEqual([400, { error: 'invalid_request' }]);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await look()).toBe('signed in');
  });

  it('is refused by another method with 405', async () => {
    const host = Fastify();
    await host.register(notFoundProblems);
    const { app, look } = await serveSignedIn(host);
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      const answer = await app.inject({ method, url });
      expect([answer.statusCode, answer.headers['allow']]).toEqual([405, 'POST']);
    }
    expect(await look()).toBe('signed in');
  });
});

describe('the logout endpoint', () => {
  it('ignores members that it does not know, and a charset', async () => {
    const { send, form } = await serveSignedIn();
    const headers = { 'content-type': `${FORM['content-type']}; charset=UTF-8` };
    expect((await send(`${form}&more=1`, headers)).statusCode).toBe(200);
  });

  it('looks at neither origin nor cookie, and carries no CORS header', async () => {
    const { app, send, form, look, database } = await serveSignedIn();
    const cookie = await seedSession(database, { sid: 's2' });
    const answer = await send(form, { ...FORM, cookie, origin: 'https://evil.example' });
    expect(answer.statusCode).toBe(200);
    const headers = Object.keys(answer.headers);
    expect(headers.filter((name) => /^access-control-|^set-cookie$/.test(name))).toEqual([]);
    expect(await look(app, cookie)).toBe('signed in');
  });

  it('works next to a host app that reads forms already', async () => {
    const host = Fastify();
    await host.register(formbody);
    host.post('/theirs', async (request) => request.body);
    const { app, send, form } = await serveSignedIn(host);
    expect((await send(form)).statusCode).toBe(200);
    const theirs = await app.inject({ method: 'POST', url: '/theirs', headers: FORM, payload: 'a=b' });
    expect(theirs.json()).toEqual({ a: 'b' });
  });

  it('says within a second that it is unavailable while the database is locked; nothing is half done', async () => {
    const { send, form, look, database } = await serveSignedIn();
    const other = new Database(database, MIGRATIONS);
    onTestFinished(() => other.close());
    other.sqlite.exec('BEGIN IMMEDIATE');
    const started = performance.now();
    const answer = await send(form);
    expect(performance.now() - started).toBeLessThan(1000);
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'unavailable']);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await look()).toBe('signed in');
    other.sqlite.exec('ROLLBACK');
    expect((await send(form)).statusCode).toBe(200);
    expect(await look()).toBe('signed out');
  });
});
