/**
 * The attacker fills every field with SQL, HTTP, or HTML, to make an interpreter on the way execute it. What
 * operators see: `injection-terminal.test.ts`.
 */
import { readFileSync } from 'node:fs';
import { APP_PATHS, COOKIES } from '@samesite-sso/protocol';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../apps/foo/server/config.ts';
import { fillSettings } from '../../apps/foo/server/page.ts';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { ADA, Browser, GRACE } from '../support/browser.ts';
import { type Answer, type HttpRequest, send, sendBytes } from '../support/http.ts';
import { type Server, type Site, sharedSite, site } from '../support/site.ts';
import { administer } from './administer.ts';

const shared = sharedSite();
const JSON_TYPE = { 'content-type': 'application/json' };

const SQL = [
  "' OR '1'='1",
  "ada' --",
  "ada'; DROP TABLE account; --",
  "' UNION SELECT id, username, display_name, password_hash, 1, 0 FROM account --",
  '" OR ""="',
  '") OR 1=1 --',
  "ada' AND randomblob(1000000000) --",
  "ada'/**/OR/**/1=1",
  'ada\\',
  '%',
  '_da',
  '*da',
  '[a]da',
  ':username',
  '?1',
  'ada\u0000x',
];

const posted = (server: Server, path: string, origin: string, body: object, headers = {}) =>
  send(server, {
    method: 'POST',
    path,
    headers: { ...JSON_TYPE, origin, ...headers },
    body: JSON.stringify(body),
  });

const login = (at: Site, username: string, password: string, headers: HttpRequest['headers'] = {}) =>
  posted(at.sso, '/', at.foo.origin, { request: 'login', username, password }, headers);

describe('SQL', () => {
  test.each<[string, (at: Site, words: string) => Promise<Answer>, number]>([
    ['a username', (at, words) => login(at, words, ADA.password), 401],
    ['a password', (at, words) => login(at, `${words}name`, words), 401],
    [
      'a username on the account page',
      (at, words) => posted(at.sso, ACCOUNT_PATHS.login, at.sso.origin, { username: words, password: words }),
      401,
    ],
    ['a token', (at, words) => posted(at.foo, APP_PATHS.session, at.foo.origin, { token: words }), 401],
    [
      'a cookie',
      (at, words) =>
        posted(
          at.sso,
          '/',
          at.foo.origin,
          { request: 'authentication token' },
          { cookie: `${COOKIES.sso}=${encodeURIComponent(words)}` },
        ),
      401,
    ],
    [
      'an app’s cookie',
      (at, words) =>
        send(at.foo, { path: '/api/me', headers: { cookie: `${COOKIES.app}=${encodeURIComponent(words)}` } }),
      401,
    ],
    ['an origin', (at, words) => posted(at.sso, '/', encodeURI(words), { request: 'login status' }), 403],
  ])('as %s is only data [T-INJECT-01]', async (_field, attack, status) => {
    const at = shared();
    const before = await at.state('sso.login_failure');
    for (const words of SQL) expect((await attack(at, words)).status, words).toBe(status);
    expect(await at.state('sso.login_failure')).toEqual(before);
  });

  test('as a session id ends no session of the signed-in person [T-INJECT-01]', async () => {
    const at = await site();
    await new Browser(at).logIn(ADA);
    const asker = new Browser(at);
    await asker.logIn(ADA);
    const before = await at.state();
    for (const words of [...SQL, '1 OR 1', "x' OR account_id=account_id --"]) {
      const path = `/account/sessions/${encodeURIComponent(words)}`;
      const headers = { origin: at.sso.origin };
      expect([400, 404], words).toContain(
        (await asker.send(at.sso, { method: 'DELETE', path, headers })).status,
      );
    }
    expect(await at.state()).toEqual(before);
  });

  test('as a User-Agent header is stored literally and truncated [T-INJECT-01]', async () => {
    const at = await site();
    const words = "Mozilla/5.0', (SELECT password_hash FROM account)); DROP TABLE sso_session; --".padEnd(
      300,
      "'",
    );
    expect((await login(at, ADA.username, ADA.password, { 'user-agent': words })).status).toBe(200);
    expect((await at.state())['sso.sso_session']).toMatchObject([{ user_agent: words.slice(0, 256) }]);
    expect((await at.state())['sso.account']).toHaveLength(2);
  });

  test('on the command line finds nothing and changes nothing [T-INJECT-01]', async () => {
    const at = await site();
    await new Browser(at).signIn(ADA);
    const before = await at.state();
    for (const words of SQL) {
      for (const args of [
        ['account', 'show', words],
        ['account', 'disable', words],
        ['account', 'remove', words],
        ['account', 'rename', words, 'eve'],
        ['session', 'list', words],
        ['session', 'end', words],
        ['session', 'end', '--account', words],
        ['audit', '--account', words],
        ['audit', '--kind', words],
        ['audit', '--since', words],
      ]) {
        const { status, stdout } = await administer(at, ...args);
        expect([status > 0, stdout], args.join(' ')).toEqual([true, '']);
      }
    }
    expect(await at.state()).toEqual(before);
    const name = "Robert'); DROP TABLE account; --";
    expect((await administer(at, 'account', 'rename', 'ada', '--name', name)).status).toBe(0);
    expect((await at.state())['sso.account']).toContainEqual(expect.objectContaining({ display_name: name }));
  });
});

describe('HTTP', () => {
  const SPLIT = '\r\nSet-Cookie: __Host-sso=planted\r\nX-Planted: 1\r\n\r\n<script>alert(1)</script>';

  test('in a body, a path, or a query adds no header and no second response [T-INJECT-02]', async () => {
    const at = shared();
    const before = await at.state('sso.login_failure');
    const encoded = encodeURIComponent(SPLIT);
    const bodies: [Server, string, object][] = [
      [at.sso, '/', { request: 'login', username: SPLIT, password: SPLIT }],
      [at.sso, '/', { request: SPLIT }],
      [at.sso, `/?next=${encoded}`, { request: 'login status' }],
      [at.sso, `/${encoded}`, {}],
      [at.foo, APP_PATHS.session, { token: SPLIT }],
      [at.foo, `/session${encoded}`, { token: 'a' }],
    ];
    for (const [server, path, body] of bodies) {
      const text = JSON.stringify(body);
      const answer = await sendBytes(
        server,
        [
          `POST ${path} HTTP/1.1`,
          'Host: x',
          `Origin: ${at.foo.origin}`,
          'Content-Type: application/json',
          `Content-Length: ${text.length}`,
          'Connection: close',
          '',
          text,
        ].join('\r\n'),
      );
      expect(answer.match(/^HTTP\/1\.1/gm), path).toHaveLength(1);
      expect(answer, path).not.toMatch(/planted|<script/i);
    }
    expect(await at.state('sso.login_failure')).toEqual(before);
  });

  test.each(['\r', '\n', '\r\n ', '\r\n\t', '\u0000', '\u0085', '\u2028', '\u560a'])(
    'after %j in a header is refused or stays in it [T-INJECT-02]',
    async (separator) => {
      const at = shared();
      const before = await at.state();
      for (const name of [
        'Origin',
        'Cookie',
        'User-Agent',
        'Content-Type',
        'Access-Control-Request-Method',
      ]) {
        const header = `${name}: ${at.foo.origin}${separator}X-Planted: planted`;
        const bytes = Buffer.from(
          `POST / HTTP/1.1\r\nHost: x\r\n${header}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
        );
        const answer = await sendBytes(at.sso, bytes);
        expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
        expect(answer).not.toMatch(/planted|access-control-allow/i);
      }
      expect(await at.state()).toEqual(before);
    },
  );
});

describe('HTML', () => {
  const TAGS = [
    `</script><script>alert(1)</script>`,
    `"><img src=x onerror=alert(1)>`,
    `'><svg/onload=alert(1)>`,
    '<!--',
    '--><script>',
    '&quot;&lt;script&gt;',
    '\u2028</meta>',
    '%APP%',
    "$&$`$'",
    '{{7*7}}',
  ];
  const html = readFileSync(new URL('../../apps/foo/page/index.html', import.meta.url), 'utf8');
  const config = loadConfig({
    APP_ORIGIN: 'https://foo.example.com',
    APP_NAME: 'Foo',
    APP_LISTEN: '127.0.0.1:1',
    APP_DATABASE: 'x',
    SSO_ORIGIN: 'https://sso.example.com',
  });

  test.each(TAGS)('as an app’s name stays one attribute of its page: %s [T-INJECT-03]', (name) => {
    const otherApp = { name, origin: 'https://lorem.example.com' };
    const link = { name, origin: 'https://more.example.com' };
    const page = fillSettings(html, { ...config, name, otherApp, link });
    const [before = '', after = ''] = html.replaceAll('%SSO_ORIGIN%', config.ssoOrigin).split('%APP%');
    expect(page.startsWith(before) && page.endsWith(after)).toBe(true);
    const filled = page.slice(before.length, page.length - after.length);
    expect(filled).not.toMatch(/[<>"']/);
    const text = filled.replace(/&#(\d+);/g, (_all, code) => String.fromCharCode(Number(code)));
    expect(JSON.parse(text)).toMatchObject({ name, otherApp, link });
  });

  test('as a display name reaches every page as JSON, never in a document [T-INJECT-03]', async () => {
    const at = await site();
    const before = await send(at.sso, { path: '/' });
    const name = `<script>alert(1)</script>`;
    expect((await administer(at, 'account', 'rename', 'grace', '--name', name)).status).toBe(0);
    const browser = new Browser(at);
    await browser.signIn(GRACE);
    const answers = [
      await browser.ask({ request: 'login status' }),
      await browser.send(at.sso, { path: ACCOUNT_PATHS.overview }),
      await browser.send(at.foo, { path: APP_PATHS.session }),
      await browser.send(at.foo, { path: '/api/me' }),
    ];
    for (const { text, headers } of answers) {
      expect(text).toContain(JSON.stringify(name).slice(1, -1));
      expect(headers['content-type']).toMatch(/^application\/json/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
    }
    // The account page's document is the same for everybody.
    expect((await browser.send(at.sso, { path: '/' })).text).toBe(before.text);
  });
});
