import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { overviewOf } from '../../../../test/support/sso/account-requests.ts';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import { cookieOf, FOO, LOREM, PASSWORD, testService } from '../../../../test/support/sso/test-service.ts';

const foo = { origin: FOO, name: 'Foo', server: 'http://127.0.0.1:4001' };
const lorem = { origin: LOREM, name: 'Lorem', server: 'http://127.0.0.1:4002' };
const PREFLIGHT = {
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'content-type',
};
const TOKEN = { request: 'authentication token' };
const LOGIN = { request: 'login', username: 'ada', password: PASSWORD };

function corsHeaders(headers: Record<string, unknown>): string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-'));
}

/** A request whose body arrives only when the test says so. */
async function slowRequest({ app }: Awaited<ReturnType<typeof testService>>, cookie: string, body: object) {
  const payload = new PassThrough();
  const started = Promise.withResolvers<void>();
  payload.on('newListener', (event) => event === 'readable' && started.resolve());
  const headers = { origin: FOO, 'content-type': 'application/json', cookie };
  const response = app.inject({ method: 'POST', url: '/', headers, payload });
  await started.promise; // The CORS policy has let it in, and its body is awaited.
  return { finish: () => payload.end(JSON.stringify(body)), response };
}

describe('an app that was removed from the registry', () => {
  test('is refused without CORS headers from the next request on, of any kind [T-CRASH-08]', async () => {
    const { app, post, logIn, changeApps } = await testService();
    const cookie = await logIn();
    expect((await post(TOKEN, { cookie })).statusCode).toBe(200);
    await changeApps([lorem]);
    const preflight = { method: 'OPTIONS', url: '/', headers: { origin: FOO, ...PREFLIGHT } } as const;
    const refused = [
      await app.inject(preflight),
      await post({ request: 'login status' }, { cookie }),
      await post(TOKEN, { cookie }),
      await post(LOGIN),
      await post({ request: 'logout' }, { cookie }),
    ];
    for (const response of refused) {
      expect(response.statusCode).toBe(403);
      expect(response.json()).toMatchObject({ code: 'origin-not-allowed' });
      expect(corsHeaders(response.headers)).toEqual([]);
      expect(response.headers['vary']).toBe('Origin');
    }
    expect((await post(TOKEN, { cookie, origin: LOREM })).statusCode, 'the SSO session goes on').toBe(200);
  });

  test.each<[string, object]>([
    ['token', TOKEN],
    ['sign-in', LOGIN],
  ])('gets no %s by a request that began before [T-CRASH-08]', async (_what, body) => {
    const service = await testService();
    const cookie = await service.logIn();
    const { finish, response } = await slowRequest(service, cookie, body);
    await service.changeApps([lorem]);
    finish();
    const answer = await response;
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'origin-not-allowed' });
    expect(corsHeaders(answer.headers)).toEqual([]);
    expect(cookieOf(answer)).toBe('');
    expect(await allRows(service.stores.audit.pages({ kind: 'token issued', limit: 10 }))).toEqual([]);
  });

  test('works at once when it is added again', async () => {
    const { post, logIn, changeApps } = await testService();
    const cookie = await logIn();
    await changeApps([lorem]);
    await changeApps([lorem, foo]);
    const response = await post(TOKEN, { cookie });
    expect(response.statusCode).toBe(200);
    expect(response.headers['access-control-allow-origin']).toBe(FOO);
  });
});

test('an app that is added to the registry works without a restart', async () => {
  const { post, logIn, changeApps } = await testService({ apps: [foo] });
  const cookie = await logIn();
  expect((await post(TOKEN, { cookie, origin: LOREM })).statusCode).toBe(403);
  await changeApps([foo, lorem]);
  const response = await post(TOKEN, { cookie, origin: LOREM });
  expect(response.statusCode).toBe(200);
  expect(response.headers['access-control-allow-origin']).toBe(LOREM);
});

test('the account page shows the names that apps have now', async () => {
  const { app, post, logIn, changeApps } = await testService();
  const cookie = await logIn();
  await post(TOKEN, { cookie });
  await changeApps([{ ...foo, name: 'Foo, renamed' }, lorem]);
  const { sessions } = await overviewOf(app, cookie);
  expect(sessions[0]?.apps).toEqual([{ origin: FOO, name: 'Foo, renamed' }]);
});
