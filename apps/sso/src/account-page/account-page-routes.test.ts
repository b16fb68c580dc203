import { describe, expect, test } from 'vitest';
import {
  type AccountRequest,
  logInOnPage,
  overviewOf,
  send,
  sidOf,
} from '../../../../test/support/sso/account-requests.ts';
import { ADA, cookieOf, FOO, PASSWORD, SSO, testService } from '../../../../test/support/sso/test-service.ts';
import { ACCOUNT_PATHS } from './paths.ts';

const NEW_PASSWORD = 'an entirely different sentence';

/**
 * The requests of the page, except those about passkeys and invitations, whose own suites test the origin.
 * Those about an authenticator app get 404 here: the service has no sealing keys.
 */
const REQUESTS: readonly AccountRequest[] = [
  { method: 'GET', url: ACCOUNT_PATHS.overview },
  { method: 'POST', url: ACCOUNT_PATHS.login, body: { username: 'ada', password: PASSWORD } },
  { method: 'POST', url: ACCOUNT_PATHS.logout, body: {} },
  { method: 'DELETE', url: `${ACCOUNT_PATHS.sessions}/SID` },
  { method: 'DELETE', url: ACCOUNT_PATHS.sessions },
  {
    method: 'POST',
    url: ACCOUNT_PATHS.password,
    body: { oldPassword: PASSWORD, newPassword: NEW_PASSWORD },
  },
  { method: 'POST', url: ACCOUNT_PATHS.reauthenticate, body: { password: PASSWORD } },
  { method: 'POST', url: ACCOUNT_PATHS.authenticator, body: {} },
  { method: 'PUT', url: ACCOUNT_PATHS.authenticator, body: { code: '123456' } },
  { method: 'DELETE', url: ACCOUNT_PATHS.authenticator },
  { method: 'POST', url: ACCOUNT_PATHS.recoveryCodes, body: {} },
];
const CHANGES = REQUESTS.filter(({ method }) => method !== 'GET');
const named = (requests: readonly AccountRequest[]) =>
  requests.map((request) => [`${request.method} ${request.url}`, request] as const);

const OTHER_ORIGINS = [
  null,
  FOO,
  'http://sso.example.localhost:4001',
  SSO.replace('http:', 'https:'),
  'http://evil.example.localhost:4000',
  `${SSO}.evil.example`,
  `${SSO}/`,
  'null',
];

test.each(named(CHANGES))(
  '%s is refused to every other origin and changes nothing',
  async (_name, change) => {
    const { app, logIn } = await testService();
    const [laptop, phone] = [await logIn(), await logIn()];
    const url = change.url.replace('SID', await sidOf(app, phone));
    for (const origin of OTHER_ORIGINS) {
      const answer = await send(app, { ...change, url, cookie: laptop, origin });
      expect(answer.statusCode, String(origin)).toBe(403);
      expect(answer.json()).toMatchObject({ code: 'origin-not-allowed' });
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    expect((await overviewOf(app, laptop)).sessions).toHaveLength(2);
    expect((await logInOnPage(app, { username: 'ada', password: PASSWORD })).statusCode).toBe(200);
  },
);

test('the overview is refused unless Sec-Fetch-Site says same-origin or none', async () => {
  const { app, logIn } = await testService();
  const cookie = await logIn();
  const from = (site: string) =>
    send(app, {
      method: 'GET',
      url: ACCOUNT_PATHS.overview,
      cookie,
      headers: { 'sec-fetch-site': site },
    });
  for (const site of ['same-origin', 'none']) expect((await from(site)).statusCode).toBe(200);
  for (const site of ['same-site', 'cross-site', 'something']) {
    const answer = await from(site);
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'origin-not-allowed' });
  }
});

test('the overview is refused to other origins in browsers without Sec-Fetch-Site', async () => {
  const { app, logIn } = await testService();
  const cookie = await logIn();
  const from = (origin: string | null) =>
    send(app, { method: 'GET', url: ACCOUNT_PATHS.overview, cookie, origin });
  for (const origin of [SSO, null]) expect((await from(origin)).statusCode).toBe(200);
  for (const origin of OTHER_ORIGINS.filter((each) => each !== null)) {
    const answer = await from(origin);
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'origin-not-allowed' });
  }
});

describe.each(named(REQUESTS))('%s', (_name, request) => {
  test('carries no CORS header for any origin, and no cache may store its response', async () => {
    const { app, logIn } = await testService();
    for (const origin of [SSO, FOO, null]) {
      const answer = await send(app, { ...request, cookie: await logIn(), origin });
      const names = Object.keys(answer.headers);
      expect(names.filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });

  test('has no preflight', async () => {
    const { app } = await testService();
    const headers = {
      'access-control-request-method': request.method,
      'access-control-request-headers': 'content-type',
    };
    for (const origin of [FOO, SSO]) {
      const answer = await send(app, { method: 'OPTIONS', url: request.url, origin, headers });
      expect(answer.statusCode).toBeGreaterThanOrEqual(404);
      expect(answer.statusCode).toBeLessThanOrEqual(405);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });
});

describe('an account-page request', () => {
  const login = { username: 'ada', password: PASSWORD };
  const passwords = { oldPassword: PASSWORD, newPassword: NEW_PASSWORD };

  test.each<[string, keyof typeof ACCOUNT_PATHS, unknown]>([
    ['a login without a password', 'login', { username: 'ada' }],
    ['a login with an empty password', 'login', { ...login, password: '' }],
    ['a login with an unknown member', 'login', { ...login, remember: true }],
    ['a username that isn’t a string', 'login', { ...login, username: ['ada'] }],
    ['a logout with a member', 'logout', { everywhere: true }],
    ['a logout that is an array', 'logout', []],
    ['a password change without the old one', 'password', { newPassword: NEW_PASSWORD }],
    ['a password change with a third member', 'password', { ...passwords, username: 'grace' }],
    ['a new password that is a number', 'password', { ...passwords, newPassword: 5 }],
    ['a code that is a number', 'login', { ...login, code: 123456 }],
    ['a new authenticator app with a member', 'authenticator', { secret: 'A' }],
    ['new recovery codes with a member', 'recoveryCodes', { count: 100 }],
    ['null', 'password', null],
  ])('with %s is refused', async (_name, path, body) => {
    const { app, logIn } = await testService();
    const cookie = await logIn();
    const answer = await send(app, { method: 'POST', url: ACCOUNT_PATHS[path], cookie, body });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid-request' });
    expect((await overviewOf(app, cookie)).account).toEqual(ADA);
  });

  test.each([undefined, 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'of the content type %s is refused',
    async (contentType) => {
      const { app } = await testService();
      const answer = await app.inject({
        method: 'POST',
        url: ACCOUNT_PATHS.login,
        headers: { origin: SSO, ...(contentType && { 'content-type': contentType }) },
        payload: JSON.stringify(login),
      });
      expect(answer.statusCode).toBe(415);
      expect(answer.json()).toMatchObject({ code: 'unsupported-media-type' });
    },
  );

  test('can have at most 4 KiB', async () => {
    const { app } = await testService();
    const filled = (bytes: number) => ({
      username: 'ada',
      password: 'x'.repeat(bytes - JSON.stringify({ username: 'ada', password: '' }).length),
    });
    expect(JSON.stringify(filled(4096))).toHaveLength(4096);
    expect((await logInOnPage(app, filled(4096))).statusCode).toBe(401);
    const answer = await logInOnPage(app, filled(4097));
    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toMatchObject({ code: 'too-large' });
  });

  test('by another method is refused', async () => {
    const { app } = await testService();
    for (const url of Object.values(ACCOUNT_PATHS).filter((each) => each !== ACCOUNT_PATHS.assets)) {
      const answer = await send(app, { method: 'PATCH', url, body: {} });
      expect(answer.statusCode, url).toBe(405);
    }
  });
});

test.each(named(CHANGES.filter(({ url }) => url !== ACCOUNT_PATHS.login && url !== ACCOUNT_PATHS.logout)))(
  '%s requires a session',
  async (_name, change) => {
    const { app, logIn } = await testService();
    const url = change.url.replace('SID', await sidOf(app, await logIn()));
    for (const cookie of ['', `__Host-sso=${'A'.repeat(43)}`]) {
      const answer = await send(app, { ...change, url, cookie });
      expect(answer.statusCode).toBe(401);
      expect(answer.json()).toMatchObject({ code: 'not-signed-in' });
    }
  },
);

describe('a login on the account page', () => {
  const login = { username: 'ada', password: PASSWORD };

  test('starts a session that the apps find too', async () => {
    const { app, post } = await testService();
    const answer = await logInOnPage(app, login);
    expect(answer.json()).toEqual({ status: 'signed in', account: ADA });
    expect(answer.headers['set-cookie']).toMatch(
      /^__Host-sso=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; Priority=High; SameSite=Strict$/,
    );
    const status = await post({ request: 'login status' }, { cookie: cookieOf(answer) });
    expect(status.json()).toMatchObject({ status: 'signed in' });
  });

  test('ends the session it replaces', async () => {
    const { app, logIn, post } = await testService();
    const before = await logIn();
    await logInOnPage(app, login, { cookie: before });
    expect((await post({ request: 'login status' }, { cookie: before })).json()).toEqual({
      status: 'signed out',
    });
  });

  test('is refused and counted like a login on an app’s page', async () => {
    const { app, post } = await testService();
    for (let failures = 0; failures < 10; failures += 1) {
      const answer = await logInOnPage(app, { ...login, password: 'wrong' });
      expect(answer.json()).toMatchObject({ status: 401, code: 'invalid-credentials' });
    }
    const answer = await logInOnPage(app, login);
    expect(answer.statusCode).toBe(429);
    expect(answer.json()).toMatchObject({ code: 'too-many-attempts', retryAfterSeconds: 900 });
    expect((await post({ request: 'login', ...login })).statusCode).toBe(429);
  });
});

describe('a logout on the account page', () => {
  test('ends this session and its cookie', async () => {
    const { app, logIn } = await testService();
    const [laptop, phone] = [await logIn(), await logIn()];
    const answer = await send(app, {
      method: 'POST',
      url: ACCOUNT_PATHS.logout,
      cookie: laptop,
      body: {},
    });
    expect(answer.json()).toEqual({ status: 'signed out' });
    expect(answer.headers['set-cookie']).toMatch(/^__Host-sso=; Max-Age=0; Path=\/; HttpOnly; Secure/);
    await expect(overviewOf(app, laptop)).rejects.toThrow('nobody is signed in');
    expect((await overviewOf(app, phone)).sessions).toHaveLength(1);
  });

  test('gets the same response without a session', async () => {
    const { app } = await testService();
    const answer = await send(app, { method: 'POST', url: ACCOUNT_PATHS.logout, body: {} });
    expect(answer.json()).toEqual({ status: 'signed out' });
    expect(answer.headers['set-cookie']).toContain('Max-Age=0');
  });
});
