/**
 * The attacker and the victim share a cache, of a company or a CDN, that stores more than it should, even
 * POSTs, preflights, and refusals. They want the victim's response, or to poison the cache with a refusal for
 * a registered app.
 */
import { APP_PATHS, SSO_PATHS } from '@samesite-sso/protocol';
import { beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { ADA, Browser } from '../support/browser.ts';
import { type Answer, type HttpRequest, send, sendBytes } from '../support/http.ts';
import { sharedSite, site } from '../support/site.ts';
import { corsHeaders } from './expect-refusal.ts';
import { listPageRequests, withOrigin } from './list-page-requests.ts';

const theSite = sharedSite();
let victim: Browser;

beforeAll(async () => {
  victim = new Browser(theSite());
  await victim.signIn(ADA);
});

const STRANGER = 'https://evil.example';

/** Stores responses by method and URL, but honors `no-store` and `Vary` (RFC 9111, sections 3 and 4.1). */
function greedyCache() {
  const stored = new Map<string, { vary: string[]; asked: HttpRequest; answer: Answer }[]>();
  return async (attempt: HttpRequest): Promise<Answer> => {
    const key = `${attempt.method} ${attempt.path}`;
    const kept = stored.get(key) ?? [];
    const hit = kept.find(({ vary, asked }) =>
      vary.every((name) => asked.headers?.[name] === attempt.headers?.[name]),
    );
    if (hit !== undefined) return hit.answer;
    const answer = await send(theSite().sso, attempt);
    const vary = (answer.headers.vary ?? '').toLowerCase().split(/, */).filter(Boolean);
    if (!/no-store/.test(String(answer.headers['cache-control']))) {
      stored.set(key, [...kept, { vary, asked: attempt, answer }]);
    }
    return answer;
  };
}

describe('a cache between browsers and the SSO service', () => {
  const crossOrigin = (origin: string, headers: Record<string, string>, body?: string): HttpRequest => ({
    method: body === undefined ? 'OPTIONS' : 'POST',
    path: SSO_PATHS.crossOrigin,
    headers: { origin, ...headers },
    ...(body !== undefined && { body }),
  });
  const preflight = (origin: string) =>
    crossOrigin(origin, {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    });
  const status = (origin: string, cookie = '') =>
    crossOrigin(origin, { cookie, 'content-type': 'application/json' }, '{"request":"login status"}');

  test.each([
    ['the foreign origin comes first', [STRANGER, 'foo', 'lorem', STRANGER]],
    ['an app comes first', ['foo', STRANGER, 'lorem', 'foo']],
  ])('gives each origin its own preflight response, when %s [T-CACHE-01]', async (_order, askers) => {
    const at = theSite();
    const ask = greedyCache();
    for (const asker of askers) {
      const origin = asker === 'foo' || asker === 'lorem' ? at[asker].origin : asker;
      const answer = await ask(preflight(origin));
      expect(answer.status).toBe(origin === STRANGER ? 403 : 204);
      expect(answer.headers['access-control-allow-origin']).toBe(origin === STRANGER ? undefined : origin);
    }
  });

  test('gives nobody a signed-in person’s response [T-CACHE-02]', async () => {
    const { sso, foo, lorem } = theSite();
    const ask = greedyCache();
    const cookie = victim.cookies.get(sso);
    expect((await ask(status(foo.origin, cookie))).body).toMatchObject({ status: 'signed in' });
    expect((await ask(status(foo.origin))).body).toEqual({ status: 'signed out' });
    expect((await ask(status(lorem.origin))).body).toEqual({ status: 'signed out' });
    expect((await ask(status(STRANGER, cookie))).status).toBe(403);
    expect((await ask(status(foo.origin, cookie))).body).toMatchObject({ status: 'signed in' });
  });
});

describe('every response of the cross-origin endpoint', () => {
  const json = { 'content-type': 'application/json' };
  const cases: [string, number, HttpRequest][] = [
    ['a success', 200, { headers: json, body: '{"request":"login status"}' }],
    ['a refusal', 401, { headers: json, body: '{"request":"authentication token"}' }],
    ['wrong credentials', 401, { headers: json, body: '{"request":"login","username":"x","password":"x"}' }],
    ['a logout', 200, { headers: json, body: '{"request":"logout"}' }],
    ['an unknown request', 400, { headers: json, body: '{"request":"all"}' }],
    ['invalid JSON', 400, { headers: json, body: '{' }],
    [
      'two cookies of one name',
      400,
      { headers: { ...json, cookie: '__Host-sso=a; __Host-sso=b' }, body: '{"request":"login status"}' },
    ],
    ['a body of another type', 415, { headers: { 'content-type': 'text/plain' }, body: 'x' }],
    ['no content type', 415, { body: '{}' }],
    ['a body that is too large', 413, { headers: json, body: `"${'x'.repeat(5000)}"` }],
    ['an OPTIONS that isn’t a preflight', 400, { method: 'OPTIONS' }],
    ['PUT', 405, { method: 'PUT', headers: json, body: '{}' }],
    ['DELETE', 405, { method: 'DELETE' }],
    ['a path with a query', 200, { path: '/?a=1', headers: json, body: '{"request":"login status"}' }],
  ];

  test.each(cases)('has no-store and Vary: Origin: %s [T-CACHE-01]', async (_what, status, attempt) => {
    const { sso, foo } = theSite();
    for (const origin of [foo.origin, STRANGER]) {
      const answer = await send(sso, { method: 'POST', ...attempt, headers: { ...attempt.headers, origin } });
      if (origin === foo.origin) expect(answer.status).toBe(status);
      expect(answer.headers).toMatchObject({ vary: 'Origin', 'cache-control': 'no-store' });
    }
  });

  test('has no-store and Vary: Origin: too many attempts [T-CACHE-01]', async () => {
    const at = await site();
    const guesser = new Browser(at);
    const guess = () => guesser.logIn({ username: 'nobody', password: 'guess' });
    const answers = [];
    for (let index = 0; index < 11; index++) answers.push(await guess());
    expect(answers.map(({ status }) => status)).toEqual([...Array(10).fill(401), 429]);
    for (const { headers } of answers)
      expect(headers).toMatchObject({ vary: 'Origin', 'cache-control': 'no-store' });
  });

  test('depends on no request header that Vary doesn’t name [T-CACHE-03]', async () => {
    const { sso, foo } = theSite();
    const ask = async (method: string, headers: string) => {
      const { date: _date, ...answer } = (
        await send(sso, {
          method: 'OPTIONS',
          headers: {
            origin: foo.origin,
            'access-control-request-method': method,
            'access-control-request-headers': headers,
          },
        })
      ).headers;
      return answer;
    };
    expect(await ask('DELETE', 'x-secret')).toEqual(await ask('POST', 'content-type'));
  });
});

test('every response about a session has no-store, refusals included [T-CACHE-02]', async () => {
  const at = await site();
  const person = new Browser(at);
  await person.signIn(ADA);
  const requests = listPageRequests(at, person, ADA, await person.token());
  for (const origin of [STRANGER, null]) {
    for (const request of requests) {
      const answer = await send(request.to, withOrigin(origin ?? request.from.origin, request));
      expect(answer.headers['cache-control'], request.what).toBe('no-store');
    }
  }
  for (const path of [APP_PATHS.session, '/api/me']) {
    for (const cookie of ['', person.cookies.get(at.foo) ?? '', '__Host-app=a; __Host-app=b']) {
      const answer = await send(at.foo, { path, headers: { cookie } });
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  }
  for (const [to, path] of [
    [at.sso, SSO_PATHS.introspection],
    [at.sso, SSO_PATHS.endSession],
    [at.foo, APP_PATHS.backchannelLogout],
    [at.sso, `${ACCOUNT_PATHS.sessions}/x`],
    [at.sso, '/nowhere'],
  ] as const) {
    const answer = await send(to, { method: 'POST', path, headers: { origin: to.origin } });
    expect(answer.headers['cache-control'], path).toBe('no-store');
  }
});

test('cacheable responses are the same for all and have no cookie or CORS header [T-CACHE-04]', async () => {
  const at = theSite();
  for (const [server, path] of [
    [at.sso, SSO_PATHS.keys],
    [at.sso, SSO_PATHS.metadata],
    [at.foo, APP_PATHS.keys],
  ] as const) {
    const bodies = new Set<string>();
    for (const headers of [
      {},
      { origin: STRANGER },
      { origin: at.foo.origin, cookie: victim.cookies.get(server) ?? '' },
      { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    ] as Record<string, string>[]) {
      const answer = await send(server, { path, headers });
      expect(answer.headers['cache-control']).toBe('private, max-age=300');
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(corsHeaders(answer)).toEqual({});
      bodies.add(answer.text);
    }
    expect(bodies.size).toBe(1);
  }
});

test('responses to malformed requests have no-store [T-CACHE-06]', async () => {
  const { sso } = theSite();
  for (const bytes of [
    'nonsense\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: x\r\nOrigin : x\r\n\r\n',
    `POST / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  ]) {
    const answered = await sendBytes(sso, bytes);
    expect(answered).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answered).toMatch(/^cache-control: no-store\r$/im);
  }
});
