/**
 * The attacker spells a path so that a guard and the router interpret it differently: the guard of the
 * cross-origin endpoint, of an app session, of the account page, or of static files. Or they hide a second
 * request in a body.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APP_PATHS } from '@samesite-sso/protocol';
import Fastify from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { servePage } from '../../apps/sso/src/account-page/page.ts';
import { ADA, Browser } from '../support/browser.ts';
import { type Answer, type HttpRequest, send, sendBytes } from '../support/http.ts';
import { type Server, type Site, sharedSite, site } from '../support/site.ts';

const shared = sharedSite();

const FOREIGN_ORIGIN = 'https://foreign.example';

interface Guarded {
  server: Server;
  method: 'POST' | 'DELETE';
  path: string;
  body?: string;
  /** The origin whose pages may send it. */
  origin: string;
}

const guardedRequests = ({ sso, foo }: Site): Guarded[] => [
  { server: sso, method: 'POST', path: '/', body: '{"request":"login status"}', origin: foo.origin },
  { server: sso, method: 'POST', path: '/account/logout', body: '{}', origin: sso.origin },
  { server: sso, method: 'DELETE', path: '/account/sessions', origin: sso.origin },
  { server: foo, method: 'DELETE', path: '/session', origin: foo.origin },
];

function attempt({ method, body }: Guarded, path: string, origin: string): HttpRequest {
  if (body === undefined) return { method, path, headers: { origin } };
  return { method, path, headers: { origin, 'content-type': 'application/json' }, body };
}

function expectRefused(answer: Answer, about: string): void {
  expect([400, 403, 404], about).toContain(answer.status);
  expect(Object.keys(answer.headers).join(), about).not.toMatch(/access-control|set-cookie/);
  expect(answer.text, about).not.toMatch(/"signed|"ended/);
}

/** Ada is signed in at foo, and also in a second browser. */
async function signedIn() {
  const at = await site();
  await new Browser(at).logIn(ADA);
  const victim = new Browser(at);
  await victim.signIn(ADA);
  return { at, victim };
}

describe('another spelling of a guarded path', () => {
  test.each<[string, (path: string) => string[]]>([
    ['with doubled slashes', (path) => [`/${path}`, `//${path}`, `${path}//`]],
    ['with a slash at its end', (path) => [`/x${path}/`, ...(path === '/' ? [] : [`${path}/`, `${path}/?`])]],
    ['with dots in it', (path) => [`/.${path}`, `/x/..${path}`, `${path}/.`, `${path}/x/..`, `${path}.`]],
    ['with encoded dots', (path) => [`/%2e${path}`, `/x/%2E%2e${path}`, `${path}%2e`, `${path}/%2e%2e`]],
    ['with encoded slashes', (path) => [`/%2f${path}`, `/${path.replaceAll('/', '%2F')}`, `${path}%2f`]],
    ['encoded twice', (path) => [`/%252f${path}`, `${path}%2573`, path.replace(/.$/, '%256E')]],
    ['with a parameter', (path) => [`${path};x`, `/;x${path}`, `${path}%3fx`, `${path}%23x`, `${path}%3b`]],
    ['in another case', (path) => [`${path.toUpperCase()}I`, path.replace(/[a-z]/, 'Z'), `/A${path}`]],
    ['with backslashes', (path) => [`/\\${path}`, `${path}\\`, `/%5c${path}`, `${path}%5C..%5C`]],
    ['with invisible bytes', (path) => ['%00', '%20', '%0d%0a', '%e2%80%8b'].map((tail) => path + tail)],
    ['that is very long', (path) => [`${path}/${'x'.repeat(8000)}`, `${path}${'/.'.repeat(2000)}`]],
  ])('%s is refused, even from its own page [T-PATH-01]', async (_how, spell) => {
    const { at, victim } = await signedIn();
    const before = await at.state();
    for (const request of guardedRequests(at)) {
      for (const path of spell(request.path).filter((path) => path !== request.path)) {
        for (const origin of [request.origin, FOREIGN_ORIGIN, at.lorem.origin]) {
          const answer = await victim.send(request.server, attempt(request, path, origin));
          expectRefused(answer, `${request.method} ${path} from ${origin}`);
        }
      }
    }
    expect(await at.state()).toEqual(before);
  });

  test.each<[string, (path: string) => string]>([
    ['encoded letters', (path) => path.replaceAll('s', '%73')],
    ['a query', (path) => `${path}?//x`],
    ['a fragment', (path) => `${path}#x`],
    ['another host before it', (path) => `http://foreign.example${path}`],
    ['a host with userinfo before it', (path) => `https://sso@foo:1${path}`],
  ])('with %s, which the router understands, meets the same guard [T-PATH-01]', async (_how, spell) => {
    const { at, victim } = await signedIn();
    const before = await at.state();
    const requests = guardedRequests(at);
    for (const request of requests) {
      for (const origin of [FOREIGN_ORIGIN, 'null', `${request.origin}0`]) {
        const answer = await victim.send(request.server, attempt(request, spell(request.path), origin));
        expectRefused(answer, `${request.method} ${spell(request.path)} from ${origin}`);
      }
    }
    expect(await at.state()).toEqual(before);
    for (const request of requests.toReversed()) {
      const path = spell(request.path);
      const answer = await victim.send(request.server, attempt(request, path, request.origin));
      // The query says which sessions end, and Fastify parses a fragment as a query.
      const hasOddQuery =
        request.method === 'DELETE' && request.path === APP_PATHS.session && /[?#]/.test(path);
      const expected = hasOddQuery ? /"code":"invalid-request"/ : /"signed|"ended":1/;
      expect(answer.text, `${path} from ${request.origin}`).toMatch(expected);
    }
  });

  test.each([
    '/%',
    '/session%',
    '/%zz',
    '/%c0%af',
    '/%ff',
    '/%u0073',
    '/%ed%a0%80',
    'session',
    'foo:80',
    '\\',
  ])('that can’t be decoded is refused, and no response repeats it: %s [T-PATH-02]', async (path) => {
    const at = shared();
    const before = await at.state();
    for (const server of [at.sso, at.foo]) {
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
        const headers = `Host: x\r\nOrigin: ${at.foo.origin}\r\nConnection: close`;
        const answer = await sendBytes(server, `${method} ${path} HTTP/1.1\r\n${headers}\r\n\r\n`);
        expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
        expect(answer).not.toMatch(/access-control-|set-cookie/i);
        const [, body = ''] = answer.split('\r\n\r\n');
        expect(JSON.parse(body)).toMatchObject({
          code: expect.stringMatching(/^(invalid-request|not-found)$/),
        });
        expect(body).not.toContain(path);
      }
    }
    expect(await at.state()).toEqual(before);
  });
});

test('an empty session id names no session [T-PATH-03]', async () => {
  const { at, victim } = await signedIn();
  const before = await at.state();
  const end = (path: string) =>
    victim.send(at.sso, { method: 'DELETE', path, headers: { origin: at.sso.origin } });
  for (const name of [
    '',
    '%00',
    '.',
    '..',
    '%2e%2e',
    '*',
    '%25',
    '%',
    "'%20OR%201=1--",
    '%2f',
    'undefined',
    'x'.repeat(65),
  ]) {
    expectRefused(await end(`/account/sessions/${name}`), name);
  }
  expect(await at.state()).toEqual(before);
  expect((await end('/account/sessions')).body).toEqual({ ended: 1 });
});

test('no path leads out of the folder of static files [T-PATH-04]', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'samesite-sso-static-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const assets = join(folder, 'dist', 'account', 'assets');
  mkdirSync(assets, { recursive: true });
  for (const file of [join(assets, 'app.js'), join(folder, 'dist', 'index.html')])
    writeFileSync(file, 'public');
  const secrets = [join(folder, 'sso.db.keys.json'), join(folder, 'dist', 'secret'), join(assets, '.secret')];
  for (const file of secrets) writeFileSync(file, 'SECRET');
  const app = Fastify();
  await app.register((scope) => servePage(scope, { folder: join(folder, 'dist') }));
  const server = { address: await app.listen({ host: '127.0.0.1', port: 0 }) };
  onTestFinished(() => app.close());
  expect((await send(server, { path: '/account/assets/app.js' })).text).toBe('public');

  const ups = ['..', '%2e%2e', '.%2e', '%252e%252e', '..%00', '..;', '%c0%ae%c0%ae', '....', '..\\..'];
  const slashes = ['/', '%2f', '%5c', '\\', '%252f', '//'];
  const tries = ups.flatMap((up) =>
    slashes.flatMap((slash) => [1, 2, 3].map((depth) => `${up}${slash}`.repeat(depth))),
  );
  const targets = ['secret', 'sso.db.keys.json', 'etc/passwd'];
  const paths = [
    ...tries.flatMap((way) => targets.map((target) => `/account/assets/${way}${target}`)),
    ...['', '.', '/', '.secret', '%2esecret', `/${folder}/dist/secret`, 'app.js%00', 'app.js/../.secret'].map(
      (name) => `/account/assets/${name}`,
    ),
    '/account/assets',
    '/account/assets../secret',
  ];
  for (const path of paths) {
    const { status, text } = await send(server, { path });
    expect([400, 404], path).toContain(status);
    expect(text, path).not.toMatch(/SECRET|root:/);
  }
});

/** A sign-out of the victim, to be hidden in another request's body. */
const hidden = (cookie: string, origin: string) =>
  `DELETE /session HTTP/1.1\r\nHost: x\r\nOrigin: ${origin}\r\n` +
  `Cookie: ${cookie}\r\nConnection: close\r\n\r\n`;

test.each<[string, (rest: string) => string]>([
  ['two lengths', (rest) => `Content-Length: 0\r\nContent-Length: ${rest.length}\r\n\r\n${rest}`],
  ['a list of lengths', (rest) => `Content-Length: 0, ${rest.length}\r\n\r\n${rest}`],
  [
    'a length and chunks',
    (rest) => `Content-Length: ${rest.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${rest}`,
  ],
  [
    'chunks under two names',
    (rest) => `Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${rest}`,
  ],
  ['an unknown transfer coding', (rest) => `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${rest}`],
  ['a space before a colon', (rest) => `Content-Length : ${rest.length}\r\n\r\n${rest}`],
  ['a folded header with a length', (rest) => `X: y\r\n Content-Length: ${rest.length}\r\n\r\n${rest}`],
  ['a negative length', (rest) => `Content-Length: -1\r\n\r\n${rest}`],
  ['a length with a sign', (rest) => `Content-Length: +0\r\n\r\n${rest}`],
  ['a chunk longer than it says', (rest) => `Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n${rest}`],
  ['a bare carriage return', (rest) => `X: y\rContent-Length: 0\r\n\r\n${rest}`],
])('a request with %s hides no second one [T-PATH-05]', async (_how, frame) => {
  const { at, victim } = await signedIn();
  const before = await at.state();
  const rest = hidden(victim.cookies.get(at.foo) ?? '', at.foo.origin);
  const answer = await sendBytes(at.foo, `POST /nothing HTTP/1.1\r\nHost: x\r\n${frame(rest)}`);
  // If the body fails after the response was sent, there is no other one.
  expect(answer.match(/(?<=HTTP\/1\.1 )\d+/g)).toEqual([expect.stringMatching(/^40[04]$/)]);
  expect(answer).not.toContain('signed out');
  expect(await at.state()).toEqual(before);
  // Sent openly, the same request has an effect.
  expect(await sendBytes(at.foo, rest)).toContain('signed out');
  expect(await at.state()).not.toEqual(before);
});
