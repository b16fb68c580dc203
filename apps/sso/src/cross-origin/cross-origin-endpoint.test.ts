import Sqlite from 'better-sqlite3';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  ADA,
  cookieOf,
  FOO,
  LOREM,
  PASSWORD,
  SSO,
  testService,
} from '../../../../test/support/sso/test-service.ts';

const STATUS = { request: 'login status' };
const TOKEN = { request: 'authentication token' };
const LOGOUT = { request: 'logout' };
const LOGIN = { request: 'login', username: 'ada', password: PASSWORD };

describe('the cross-origin endpoint', () => {
  test.each([
    ['an unknown request', { request: 'everything' }],
    ['no request', {}],
    ['an unknown member', { ...STATUS, remember: true }],
    ['an audience of the page’s own choosing', { ...TOKEN, aud: LOREM }],
    ['a login without a password', { request: 'login', username: 'ada' }],
    ['a username that isn’t a string', { ...LOGIN, username: ['ada'] }],
    ['a password that is a number', { ...LOGIN, password: 5 }],
    ['an array', [STATUS]],
    ['null', null],
    ['a string', 'login status'],
  ])('refuses %s', async (_name, body) => {
    const { post } = await testService();
    const answer = await post(body);
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json()).toEqual({
      type: 'urn:problem-type:samesite-sso:invalid-request',
      title: expect.any(String),
      status: 400,
      code: 'invalid-request',
    });
  });

  test.each(['__proto__', 'constructor'])('refuses a body with a member named %s', async (member) => {
    const { app } = await testService();
    const answer = await app.inject({
      method: 'POST',
      url: '/',
      headers: { origin: FOO, 'content-type': 'application/json' },
      payload: `{"request":"login status","${member}":{"prototype":1}}`,
    });
    expect(answer.statusCode).toBe(400);
  });

  test.each([
    undefined,
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonp',
  ])('refuses the content type %s', async (contentType) => {
    const { app } = await testService();
    const headers = { origin: FOO, ...(contentType && { 'content-type': contentType }) };
    const answer = await app.inject({ method: 'POST', url: '/', headers, payload: JSON.stringify(STATUS) });
    expect(answer.statusCode).toBe(415);
    expect(answer.json()).toMatchObject({ code: 'unsupported-media-type' });
  });

  test('refuses a body over 4 KiB', async () => {
    const { post } = await testService();
    const filled = (bytes: number) => ({
      ...LOGIN,
      password: 'x'.repeat(bytes - JSON.stringify(LOGIN).length + 28),
    });
    expect(JSON.stringify(filled(4096))).toHaveLength(4096);
    expect((await post(filled(4096))).statusCode).toBe(401);
    const answer = await post(filled(4097));
    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toMatchObject({ code: 'too-large' });
  });

  test.each(['PUT', 'PATCH', 'DELETE'] as const)('refuses the method %s', async (method) => {
    const { app } = await testService();
    const answer = await app.inject({ method, url: '/' });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers['allow']).toBe('GET, HEAD, POST');
  });
});

describe('step 2', () => {
  test('says signed out without a cookie, and for a junk or forged one', async () => {
    const { post } = await testService();
    for (const cookie of ['', '__Host-sso=', '__Host-sso=junk', `__Host-sso=${'A'.repeat(43)}`]) {
      const answer = await post(STATUS, { cookie });
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toEqual({ status: 'signed out' });
    }
  });

  test('says who is signed in, and forbids caching', async () => {
    const { post, logIn } = await testService();
    const answer = await post(STATUS, { cookie: await logIn() });
    expect(answer.json()).toEqual({ status: 'signed in', account: ADA });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('counts as use, so that a polled session doesn’t idle out', async () => {
    const { post, logIn, clock } = await testService({ sessionIdleSeconds: 100 });
    const cookie = await logIn();
    for (let round = 0; round < 5; round += 1) {
      clock.now += 90_000;
      expect((await post(STATUS, { cookie })).json()).toMatchObject({ status: 'signed in' });
    }
    clock.now += 100_000;
    expect((await post(STATUS, { cookie })).json()).toEqual({ status: 'signed out' });
  });

  test('records the use of a session at most once a minute', async () => {
    const { post, logIn, clock, config } = await testService();
    const cookie = await logIn();
    const started = clock.now;
    const database = new Sqlite(config.database, { readonly: true });
    const lastSeen = () => database.prepare('SELECT last_seen_at FROM sso_session').pluck().get();
    clock.now += 59_000;
    await post(STATUS, { cookie });
    expect(lastSeen()).toBe(started);
    clock.now += 2000;
    await post(STATUS, { cookie });
    expect(lastSeen()).toBe(started + 61_000);
    database.close();
  });

  test('says signed out at the end of the maximum lifetime, however busy the session was', async () => {
    const { post, logIn, clock } = await testService({ sessionIdleSeconds: 100, sessionMaxSeconds: 150 });
    const cookie = await logIn();
    clock.now += 80_000;
    expect((await post(STATUS, { cookie })).json()).toMatchObject({ status: 'signed in' });
    clock.now += 70_000;
    expect((await post(STATUS, { cookie })).json()).toEqual({ status: 'signed out' });
  });
});

describe('step 3', () => {
  test('refuses a token without a session', async () => {
    const { post } = await testService();
    const answer = await post(TOKEN);
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ code: 'not-signed-in' });
  });

  test('issues a token for the app of the request’s Origin, valid for 30 seconds', async () => {
    const { post, logIn, clock } = await testService();
    const cookie = await logIn();
    const answer = await post(TOKEN, { cookie, origin: LOREM });
    expect(answer.headers['cache-control']).toBe('no-store');
    const { token, expiresIn } = answer.json();
    expect(expiresIn).toBe(30);
    expect(decodeProtectedHeader(token)).toEqual({
      alg: 'Ed25519',
      kid: expect.any(String),
      typ: 'authentication-token+jwt',
    });
    const iat = clock.now / 1000;
    expect(decodeJwt(token)).toEqual({
      iss: SSO,
      aud: LOREM,
      sub: ADA.id,
      sid: expect.any(String),
      jti: expect.any(String),
      iat,
      exp: iat + 30,
    });
  });

  test('never puts the session token into an authentication token', async () => {
    const { post, logIn } = await testService();
    const cookie = await logIn();
    const { token } = (await post(TOKEN, { cookie })).json();
    const sessionToken = cookie.split('=')[1] ?? '';
    expect(JSON.stringify(decodeJwt(token))).not.toContain(sessionToken);
  });
});

describe('step 5', () => {
  test('sets a cookie that only this host can set and no script can read', async () => {
    const { post } = await testService();
    const answer = await post(LOGIN);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ status: 'signed in', account: ADA });
    expect(answer.headers['set-cookie']).toMatch(
      /^__Host-sso=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; Priority=High; SameSite=Strict$/,
    );
  });

  test('always sets a new session token, and ends the session that it replaces', async () => {
    const { post, logIn } = await testService();
    const first = await logIn();
    const planted = `__Host-sso=${'A'.repeat(43)}`;
    expect(await logIn(planted)).not.toBe(planted);
    const second = await logIn(first);
    expect(second).not.toBe(first);
    expect((await post(STATUS, { cookie: first })).json()).toEqual({ status: 'signed out' });
    expect((await post(STATUS, { cookie: second })).json()).toMatchObject({ status: 'signed in' });
  });

  test('keeps the existing session if the password is wrong', async () => {
    const { post, logIn } = await testService();
    const cookie = await logIn();
    expect((await post({ ...LOGIN, password: 'wrong' }, { cookie })).statusCode).toBe(401);
    expect((await post(STATUS, { cookie })).json()).toMatchObject({ status: 'signed in' });
  });

  test('gives the same response for an unknown account as for a wrong password', async () => {
    const { post } = await testService();
    const wrong = await post({ ...LOGIN, password: 'wrong' });
    const unknown = await post({ ...LOGIN, username: 'nobody' });
    expect(wrong.statusCode).toBe(401);
    expect(wrong.json()).toMatchObject({ code: 'invalid-credentials' });
    expect([unknown.statusCode, unknown.body]).toEqual([wrong.statusCode, wrong.body]);
    expect(Object.keys(unknown.headers)).toEqual(Object.keys(wrong.headers));
    expect(cookieOf(wrong)).toBe('');
  });

  test('accepts every spelling of a username', async () => {
    const { post } = await testService();
    for (const username of ['ada', 'ADA', 'Ada', 'ａｄａ']) {
      expect((await post({ ...LOGIN, username })).json()).toEqual({ status: 'signed in', account: ADA });
    }
  });
});

describe('logout', () => {
  test('ends the session, its tokens and the cookie', async () => {
    const { post, logIn } = await testService();
    const cookie = await logIn();
    const answer = await post(LOGOUT, { cookie });
    expect(answer.json()).toEqual({ status: 'signed out' });
    expect(answer.headers['set-cookie']).toMatch(
      /^__Host-sso=; Max-Age=0; Path=\/; HttpOnly; Secure; Priority=High; SameSite=Strict$/,
    );
    expect((await post(STATUS, { cookie })).json()).toEqual({ status: 'signed out' });
    expect((await post(TOKEN, { cookie })).statusCode).toBe(401);
  });

  test('gets the same response without a session', async () => {
    const { post } = await testService();
    const answer = await post(LOGOUT);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ status: 'signed out' });
    expect(answer.headers['set-cookie']).toContain('Max-Age=0');
  });

  test('ends no other session of the same account', async () => {
    const { post, logIn } = await testService();
    const laptop = await logIn();
    const phone = await logIn();
    await post(LOGOUT, { cookie: laptop });
    expect((await post(STATUS, { cookie: phone })).json()).toMatchObject({ status: 'signed in' });
  });
});
