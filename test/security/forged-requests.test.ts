/**
 * The attacker's page, on a taken-over sibling or another site, makes the victim's browser send requests
 * without a preflight: forms, navigations, beacons. The attacker wants an effect in the victim's name (CSRF).
 * Siblings are same-site, so the browser adds cookies; the tests also send them from other sites.
 */
import { APP_PATHS, SSO_PATHS } from '@samesite-sso/protocol';
import { beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { ADA, Browser } from '../support/browser.ts';
import { send } from '../support/http.ts';
import { type Server, sharedSite } from '../support/site.ts';
import { corsHeaders, expectRefusal } from './expect-refusal.ts';
import { listPageRequests, type PageRequest, withOrigin } from './list-page-requests.ts';

const theSite = sharedSite();
let victim: Browser;
let requests: PageRequest[];
/** Requests that can change something. */
let changes: PageRequest[];

beforeAll(async () => {
  const at = theSite();
  victim = new Browser(at);
  await victim.signIn(ADA);
  // A second session, for the request that ends all others.
  await new Browser(at).logIn(ADA);
  requests = listPageRequests(at, victim, ADA, await victim.token());
  changes = requests.filter(({ attempt }) => attempt.method !== 'GET');
});

/** The request as a form, a beacon, or a simple fetch sends it, without headers that need a preflight. */
function asForm({ attempt }: PageRequest, contentType: string | null) {
  const { cookie = '' } = attempt.headers ?? {};
  const headers = { cookie, ...(contentType !== null && { 'content-type': contentType }) };
  return { ...attempt, method: 'POST', headers };
}

const FORMS: [string, string | null][] = [
  ['a text/plain form', 'text/plain'],
  ['a text/plain form with a JSON parameter', 'text/plain; charset=application/json'],
  ['plain text with a parameter that is JSON’s name', 'text/plain;application/json'],
  ['a URL-encoded form', 'application/x-www-form-urlencoded'],
  ['a multipart form', 'multipart/form-data; boundary=application/json'],
  ['a beacon without a type', null],
  ['an empty content type', ''],
  ['the content type */*', '*/*'],
];

describe('the attacker’s page', () => {
  test.each(FORMS)('has no effect by %s [T-CSRF-01]', async (_what, contentType) => {
    const at = theSite();
    const before = await at.state();
    for (const origin of ['http://old.app.example.localhost:4001', 'https://evil.example', 'null']) {
      for (const change of changes.filter(({ attempt }) => attempt.method === 'POST')) {
        const { headers, ...form } = asForm(change, contentType);
        const answer = await send(change.to, { ...form, headers: { ...headers, origin } });
        expectRefusal(answer, 'origin-not-allowed');
      }
    }
    expect(await at.state()).toEqual(before);
    expect(await victim.status()).toBe('signed in');
  });

  // As from a browser that sends no origin, or the wrong one, and from a page of a vulnerable app.
  test.each(FORMS)(
    'would change nothing by %s, even if it could send the page’s origin [T-CSRF-01]',
    async (_what, type) => {
      const at = theSite();
      const before = await at.state();
      for (const change of changes.filter(({ attempt }) => attempt.method === 'POST')) {
        const { headers, ...form } = asForm(change, type);
        const answer = await send(change.to, {
          ...form,
          headers: { ...headers, origin: change.from.origin },
        });
        expect([answer.status, answer.body['code']]).toEqual([415, 'unsupported-media-type']);
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
      expect(await at.state()).toEqual(before);
    },
  );

  test.each<[string, (cookie: string) => Record<string, string>]>([
    ['a link', () => ({ 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'same-site' })],
    [
      'an image',
      () => ({ 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image', 'sec-fetch-site': 'same-site' }),
    ],
    ['an old browser’s link', () => ({})],
  ])('changes nothing by %s to any address [T-CSRF-02]', async (_what, headersOf) => {
    const at = theSite();
    const before = await at.state();
    for (const { to, attempt } of requests) {
      const query = new URLSearchParams(JSON.parse(String(attempt.body ?? '{}')) as Record<string, string>);
      for (const method of ['GET', 'HEAD']) {
        const cookie = victim.cookies.get(to) ?? '';
        const path = `${attempt.path}?_method=${attempt.method}&${query}`;
        const answer = await send(to, { method, path, headers: { ...headersOf(cookie), cookie } });
        expect(answer.headers['set-cookie']).toBeUndefined();
        expect(corsHeaders(answer)).toEqual({});
      }
    }
    expect(await at.state()).toEqual(before);
  });

  test('can’t read anything about the victim [T-CSRF-09]', async () => {
    const at = theSite();
    const sibling = 'http://old.app.example.localhost:4001';
    const reads: [Server, string][] = [
      [at.foo, APP_PATHS.session],
      [at.foo, '/api/me'],
      [at.sso, ACCOUNT_PATHS.overview],
    ];
    for (const [to, path] of reads) {
      const cookie = victim.cookies.get(to) ?? '';
      expect((await send(to, { path, headers: { cookie } })).text).toContain('Ada');
      const answer = await send(to, { path, headers: { cookie, origin: sibling } });
      expect(corsHeaders(answer)).toEqual({});
      // Nor as an image or a script, which need no CORS header.
      expect(answer.headers).toMatchObject({
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
    }
  });
});

describe('a method', () => {
  const OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override'];

  test.each(OVERRIDES)('isn’t overridden by the header %s [T-CSRF-03]', async (header) => {
    const at = theSite();
    const before = await at.state();
    for (const { to, from, attempt } of changes) {
      const headers = { ...attempt.headers, origin: from.origin, [header]: attempt.method ?? '' };
      for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'OPTIONS']) {
        const answer = await send(to, { ...attempt, method, headers });
        // GET and HEAD only read, and the account page may not be built; this OPTIONS is an incomplete
        // preflight.
        const isRead = /^(GET|HEAD)$/.test(method) && /^(\/|\/session)(\?|$)/.test(String(attempt.path));
        const isPreflight = method === 'OPTIONS' && attempt.path === SSO_PATHS.crossOrigin;
        const statuses = isRead ? [200, 404] : isPreflight ? [400] : [405];
        expect(statuses, `${method} ${attempt.path}`).toContain(answer.status);
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
    }
    expect(await at.state()).toEqual(before);
  });

  test('isn’t overridden by a field or parameter named _method [T-CSRF-03]', async () => {
    const at = theSite();
    const before = await at.state();
    for (const { to, from, attempt } of changes.filter(({ attempt }) => attempt.method === 'DELETE')) {
      const headers = { ...attempt.headers, origin: from.origin, 'content-type': 'application/json' };
      const path = `${attempt.path}?_method=DELETE`;
      const answer = await send(to, { method: 'POST', path, headers, body: '{"_method":"DELETE"}' });
      expect([400, 405]).toContain(answer.status);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    expect(await at.state()).toEqual(before);
  });

  test.each(['PUT', 'PATCH', 'TRACE', 'QUERY', 'PROPFIND', 'SEARCH', 'LOCK', 'COPY', 'PURGE', 'LINK'])(
    '%s has no effect on any server [T-CSRF-03]',
    async (method) => {
      const at = theSite();
      const before = await at.state();
      for (const request of changes) {
        const answer = await send(request.to, { ...withOrigin(request.from.origin, request), method });
        expect([400, 404, 405]).toContain(answer.status);
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
      expect(await at.state()).toEqual(before);
    },
  );
});

describe('an app’s own request that changes something', () => {
  const order = async (headers: Record<string, string>) => {
    const { foo } = theSite();
    const cookie = victim.cookies.get(foo) ?? '';
    return await send(foo, { method: 'POST', path: '/order', headers: { cookie, ...headers } });
  };

  const orders = async () => Number((await send(theSite().foo, { path: '/order' })).body['orders']);

  test('is accepted from the app’s own page [T-CSRF-04]', async () => {
    const before = await orders();
    const answer = await order({ origin: theSite().foo.origin });
    expect([answer.status, answer.body]).toEqual([200, { orderedBy: 'ada' }]);
    expect(await orders()).toBe(before + 1);
  });

  test.each<[string, () => Record<string, string>]>([
    ['another registered app, though it is same-site', () => ({ origin: theSite().lorem.origin })],
    ['the account page', () => ({ origin: theSite().sso.origin })],
    ['an unlisted sibling', () => ({ origin: 'http://old.app.example.localhost:4001' })],
    ['another site', () => ({ origin: 'https://evil.example' })],
    ['a sandboxed frame', () => ({ origin: 'null' })],
    ['a request without an origin', () => ({})],
    ['a request with a Referer only', () => ({ referer: `${theSite().foo.origin}/` })],
    ['a request with Sec-Fetch-Site only', () => ({ 'sec-fetch-site': 'same-origin' })],
    ['a text/plain form', () => ({ origin: theSite().lorem.origin, 'content-type': 'text/plain' })],
  ])('is refused to %s [T-CSRF-04]', async (_who, headers) => {
    const before = [await orders(), await theSite().state()];
    expectRefusal(await order(headers()), 'origin-not-allowed');
    expect([await orders(), await theSite().state()]).toEqual(before);
  });
});

test('cross-origin requests need a preflight that only registered origins get [T-CSRF-09]', async () => {
  const { sso, foo } = theSite();
  const headers = {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type',
  };
  const preflight = async (origin: string) =>
    corsHeaders(
      await send(sso, { method: 'OPTIONS', path: SSO_PATHS.crossOrigin, headers: { ...headers, origin } }),
    );
  expect(await preflight('http://old.app.example.localhost:4001')).toEqual({});
  expect(await preflight(foo.origin)).toMatchObject({ 'access-control-allow-headers': 'Content-Type' });
});
