/**
 * The attacker has a page open in a signed-in person's browser, so that cookies come along, or sends an
 * `Origin` that no browser would. They want to pass as a registered app, or as the page that a request is
 * meant for.
 */
import { SSO_PATHS } from '@samesite-sso/protocol';
import { beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { ADA, Browser } from '../support/browser.ts';
import { send, sendBytes } from '../support/http.ts';
import { sharedSite, site } from '../support/site.ts';
import { corsHeaders, expectRefusal } from './expect-refusal.ts';
import { listPageRequests, type PageRequest, withOrigin } from './list-page-requests.ts';

const theSite = sharedSite();
let victim: Browser;
let requests: PageRequest[];

beforeAll(async () => {
  const at = theSite();
  victim = new Browser(at);
  await victim.signIn(ADA);
  requests = listPageRequests(at, victim, ADA, await victim.token());
});

const PREFLIGHT = {
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'content-type',
};

/** UTF-8 bytes as Latin-1, as header values are sent. */
const utf8 = (text: string) => Buffer.from(text).toString('latin1');

/** Sent in place of `http://foo.app.example.localhost:4001`. */
const LIES: Record<string, (own: URL) => string | string[]> = {
  // Origins that pages can have.
  'another site': () => 'https://evil.example',
  'an unlisted sibling, such as a taken-over subdomain': ({ port }) =>
    `http://old.app.example.localhost:${port}`,
  'the parent of all apps': ({ port }) => `http://app.example.localhost:${port}`,
  'a child of an app': ({ host }) => `http://x.${host}`,
  'the name of an app as the beginning of another': ({ origin }) => `${origin}.evil.example`,
  'the host of an app as the beginning of another': ({ hostname, port }) =>
    `http://${hostname}.evil.example:${port}`,
  'the name of an app as the end of a sibling’s': ({ host }) => `http://evil-${host}`,
  'the name of an app with any letter for a dot': ({ host }) => `http://${host.replace('.', 'x')}`,
  'https for http': ({ host }) => `https://${host}`,
  'another port of the app’s host': ({ hostname, port }) => `http://${hostname}:${Number(port) + 9}`,
  'no port': ({ hostname }) => `http://${hostname}`,
  'the default port': ({ hostname }) => `http://${hostname}:80`,
  'a port with the app’s as its beginning': ({ origin }) => `${origin}0`,
  'an address of the same machine': ({ port }) => `http://127.0.0.1:${port}`,
  'an address of the same machine in IPv6': ({ port }) => `http://[::1]:${port}`,
  'a sandboxed frame': () => 'null',
  'a browser extension': () => 'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
  'a host in Punycode that looks like the app’s': ({ port }) =>
    `http://xn--fo-5ja.app.example.localhost:${port}`,
  // Other spellings of the app's origin.
  'upper case': ({ origin }) => origin.toUpperCase(),
  'an upper-case scheme': ({ host }) => `HTTP://${host}`,
  'one upper-case letter': ({ host }) => `http://F${host.slice(1)}`,
  'a trailing dot': ({ hostname, port }) => `http://${hostname}.:${port}`,
  'a trailing slash': ({ origin }) => `${origin}/`,
  'a path': ({ origin }) => `${origin}/session`,
  'a query': ({ origin }) => `${origin}?`,
  'a user': ({ host }) => `http://ada@${host}`,
  'another host after the app’s as a user': ({ host }) => `http://${host}@evil.example`,
  'a leading zero in the port': ({ hostname, port }) => `http://${hostname}:0${port}`,
  'no scheme': ({ host }) => `//${host}`,
  'percent-encoding': ({ origin }) => origin.replace('example', 'ex%61mple'),
  'full-width letters': ({ origin }) => utf8(origin.replace('example', 'ｅｘａｍｐｌｅ')),
  'a Cyrillic letter': ({ origin }) => utf8(origin.replace('example', 'ex\u0430mple')),
  'an ideographic dot': ({ origin }) => utf8(origin.replace('.', '。')),
  'a soft hyphen': ({ origin }) => utf8(origin.replace('example', 'exam\u00ADple')),
  'a byte order mark': ({ origin }) => utf8(`\uFEFF${origin}`),
  'a no-break space at its end': ({ origin }) => `${origin}\u00A0`,
  'quotation marks': ({ origin }) => `"${origin}"`,
  'a tab in it': ({ origin }) => origin.replace('example', 'exam\tple'),
  'a space in it': ({ origin }) => origin.replace('example', 'exam ple'),
  // More than one.
  'a list of the app and a foreign origin': ({ origin }) => `${origin}, https://evil.example`,
  'a list of the app alone, twice': ({ origin }) => `${origin}, ${origin}`,
  'a list separated by a space, as in RFC 6454': ({ origin }) => `${origin} https://evil.example`,
  'a list with an empty second entry': ({ origin }) => `${origin},`,
  'two Origin headers, the foreign one first': ({ origin }) => ['https://evil.example', origin],
  'two Origin headers, the foreign one last': ({ origin }) => [origin, 'https://evil.example'],
  'two Origin headers, both the app’s': ({ origin }) => [origin, origin],
  // None at all.
  'an asterisk': () => '*',
  nothing: () => '',
  undefined: () => 'undefined',
  'fifteen thousand letters': () => `http://${'a'.repeat(15_000)}`,
};

describe('an attacker who sends an Origin header', () => {
  test.each(Object.entries(LIES))('is refused every request with %s [T-ORIGIN-01]', async (_what, lie) => {
    const at = theSite();
    const before = await at.state();
    for (const request of requests) {
      const stated = lie(new URL(request.from.origin));
      expectRefusal(await send(request.to, withOrigin(stated, request)), 'origin-not-allowed');
    }
    expect(await at.state()).toEqual(before);
  });

  test.each(Object.entries(LIES))(
    'gets no CORS headers for a preflight with %s [T-ORIGIN-01]',
    async (_what, lie) => {
      const { sso, foo } = theSite();
      const headers = { ...PREFLIGHT, origin: lie(new URL(foo.origin)) };
      const answer = await send(sso, { method: 'OPTIONS', path: SSO_PATHS.crossOrigin, headers });
      expectRefusal(answer, 'origin-not-allowed');
      expect(answer.headers.vary).toBe('Origin');
      expect(answer.text).not.toContain(new URL(foo.origin).hostname);
    },
  );

  test('is refused with another registered app’s origin at same-origin endpoints [T-ORIGIN-06]', async () => {
    const at = theSite();
    const before = await at.state();
    const ownOnly = requests.filter(({ attempt }) => attempt.path !== SSO_PATHS.crossOrigin);
    expect(ownOnly).toHaveLength(10);
    for (const request of ownOnly) {
      for (const other of [at.sso, at.foo, at.lorem].filter((server) => server !== request.from)) {
        expectRefusal(await send(request.to, withOrigin(other.origin, request)), 'origin-not-allowed');
      }
    }
    expect(await at.state()).toEqual(before);
  });

  test('is refused with the SSO service’s origin at the cross-origin endpoint [T-ORIGIN-07]', async () => {
    const at = theSite();
    const before = await at.state();
    for (const request of requests.filter(({ attempt }) => attempt.path === SSO_PATHS.crossOrigin)) {
      expectRefusal(await send(at.sso, withOrigin(at.sso.origin, request)), 'origin-not-allowed');
    }
    expect(await at.state()).toEqual(before);
  });
});

describe('an attacker who sends no Origin header', () => {
  test.each<[string, (app: string) => Record<string, string>]>([
    ['nothing in its place', () => ({})],
    ['a Referer', (app) => ({ referer: `${app}/` })],
    ['the Host', (app) => ({ host: new URL(app).host })],
    ['headers that proxies set', (app) => ({ 'x-forwarded-host': new URL(app).host, 'x-origin': app })],
    ['Sec-Fetch-Site: same-origin', () => ({ 'sec-fetch-site': 'same-origin' })],
    ['a header of a similar name', (app) => ({ origin_: app, 'x-origin': app, 'sec-origin': app })],
  ])('can’t change anything with %s [T-ORIGIN-05]', async (_what, instead) => {
    const at = theSite();
    const before = await at.state();
    for (const { to, from, attempt } of requests.filter(({ attempt }) => attempt.method !== 'GET')) {
      const headers = { ...attempt.headers, ...instead(from.origin) };
      expectRefusal(await send(to, { ...attempt, headers }), 'origin-not-allowed');
    }
    expect(await at.state()).toEqual(before);
  });

  test.each(['cross-site', 'same-site', 'Same-Origin', 'same-origin, cross-site', ''])(
    'can’t read the account page’s data with Sec-Fetch-Site %j [T-ORIGIN-08]',
    async (site) => {
      for (const { to, attempt } of requests.filter(({ attempt }) => attempt.method === 'GET')) {
        const headers = { ...attempt.headers, 'sec-fetch-site': site };
        expectRefusal(await send(to, { ...attempt, headers }), 'origin-not-allowed');
      }
    },
  );
});

/** A raw logout request with the victim's cookie and these header lines. */
async function logoutWith(...lines: string[]): Promise<string> {
  const { sso } = theSite();
  const body = '{"request":"logout"}';
  const head = [
    'POST / HTTP/1.1',
    `Host: ${new URL(sso.origin).host}`,
    'Content-Type: application/json',
    `Cookie: ${victim.cookies.get(sso)}`,
    `Content-Length: ${body.length}`,
    'Connection: close',
    ...lines,
  ];
  return await sendBytes(sso, `${head.join('\r\n')}\r\n\r\n${body}`);
}

test('a malformed header line is refused before the origin is checked [T-ORIGIN-03]', async () => {
  const at = theSite();
  const before = await at.state();
  const app = at.foo.origin;
  for (const line of [
    `Origin : ${app}`,
    `Origin: ${app}\x00`,
    `Origin: ${app}\x01`,
    `Origin: ${app}\x0b`,
    `Origin: ${app}\rX: 1`,
    `Origin: ${app}\nX: 1`,
    `Origin: https://evil.example\r\n ${app}`,
  ]) {
    const answered = await logoutWith(line);
    expect(answered, line).toMatch(/^HTTP\/1\.1 400 /);
    expect(answered).not.toMatch(/set-cookie|access-control/i);
  }
  expect(await at.state()).toEqual(before);
});

test('a second Origin header is noticed behind thousands of other headers [T-ORIGIN-02]', async () => {
  const at = theSite();
  const before = await at.state();
  const many = Array.from({ length: 3000 }, () => 'a:');
  const answered = await logoutWith(`Origin: ${at.foo.origin}`, ...many, 'Origin: https://evil.example');
  expect(answered).toMatch(/^HTTP\/1\.1 403 /);
  expect(answered).not.toMatch(/set-cookie|access-control/i);
  expect(await at.state()).toEqual(before);
});

test('an explicit default port isn’t accepted as another spelling of an origin [T-ORIGIN-01]', async () => {
  const plain = { origin: 'http://plain.app.example.localhost', server: 'http://127.0.0.1:9' };
  const at = await site({}, [{ ...plain, name: 'Plain' }]);
  const person = new Browser(at);
  expect((await person.ask({ request: 'login status' }, plain.origin)).status).toBe(200);
  for (const spelling of [`${plain.origin}:80`, `${plain.origin}:`, `${plain.origin}:443`]) {
    expectRefusal(await person.ask({ request: 'login status' }, spelling), 'origin-not-allowed');
  }
});

test('CORS headers name only the requesting app, and no header widens the policy [T-ORIGIN-01]', async () => {
  const at = theSite();
  for (const app of [at.foo, at.lorem]) {
    const answer = await victim.ask({ request: 'login status' }, app);
    expect(corsHeaders(answer)).toEqual({
      'access-control-allow-origin': app.origin,
      'access-control-allow-credentials': 'true',
    });
  }
});

test('only the cross-origin endpoint accepts preflights [T-ORIGIN-06]', async () => {
  const at = theSite();
  const elsewhere = requests.filter(({ attempt }) => attempt.path !== SSO_PATHS.crossOrigin);
  for (const {
    to,
    attempt: { path = '' },
  } of elsewhere) {
    for (const { origin } of [at.sso, at.foo, at.lorem]) {
      const headers = { ...PREFLIGHT, origin };
      const answer = await send(to, { method: 'OPTIONS', path, headers });
      expect(answer.status).toBe(405);
      expect(corsHeaders(answer)).toEqual({});
    }
  }
});

test('each page request succeeds from its own page', async () => {
  const at = await site();
  const who = { ...ADA };
  const statuses: number[] = [];
  for (const index of requests.keys()) {
    const person = new Browser(at);
    await person.signIn(who);
    const request = listPageRequests(at, person, who, await person.token())[index] as PageRequest;
    const answer = await send(request.to, withOrigin(request.from.origin, request));
    if (request.attempt.path === ACCOUNT_PATHS.password)
      Object.assign(who, { password: `${who.password} again` });
    statuses.push(answer.status);
  }
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 201, 200, 200, 200]);
});
