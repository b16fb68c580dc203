/**
 * The attacker shows a page of the site invisibly inside their own, so that the victim clicks or types there
 * without knowing; or keeps a reference to its window; or makes the browser load data as a script or
 * document. In real browsers: `e2e/stories/account-foreign-origin.spec.ts` and
 * `e2e/stories/content-security-policy.spec.ts`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APP_PATHS, SSO_PATHS } from '@samesite-sso/protocol';
import { API_CSP, createWebServer, securityHeaders } from '@samesite-sso/server';
import { describe, expect, onTestFinished, test } from 'vitest';
import { servePage } from '../../apps/sso/src/account-page/page.ts';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { type Answer, type HttpRequest, send } from '../support/http.ts';
import { type Server, sharedSite } from '../support/site.ts';

const theSite = sharedSite();

const SCRIPT = `${ACCOUNT_PATHS.assets}index-1a2b.js`;

/** A server for the built account page. */
async function accountPageServer() {
  const built = mkdtempSync(join(tmpdir(), 'samesite-sso-page-'));
  mkdirSync(join(built, ACCOUNT_PATHS.assets), { recursive: true });
  writeFileSync(join(built, 'index.html'), '<p>');
  writeFileSync(join(built, SCRIPT), '1');
  const app = await createWebServer({ logLevel: 'silent', tls: null });
  onTestFinished(async () => {
    await app.close();
    rmSync(built, { recursive: true });
  });
  await app.register(securityHeaders, { origin: theSite().sso.origin, csp: API_CSP });
  await app.register((scope) => servePage(scope, { folder: built }));
  return { address: await app.listen({ host: '127.0.0.1', port: 0 }) };
}

function directives({ headers }: Answer): Record<string, string> {
  const policy = String(headers['content-security-policy']).split(';');
  return Object.fromEntries(policy.map((directive) => directive.split(/ (.*)/, 2)));
}

function expectFramingDenied(answer: Answer): void {
  expect(directives(answer)).toMatchObject({
    'default-src': "'none'",
    'base-uri': "'none'",
    'frame-ancestors': "'none'",
  });
  expect(answer.headers).toMatchObject({
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
  });
}

const PAGES: [string, () => Promise<Pick<Server, 'address'>>, string[]][] = [
  ['an app’s page', async () => theSite().foo, ["'self'", 'sso']],
  ['the account page', accountPageServer, ["'self'"]],
];

describe.each(PAGES)('%s', (_page, serve, reachable) => {
  test('can’t be framed, even by its own origin, and shares no window reference [T-FRAME-01]', async () => {
    const answer = await send(await serve(), { path: '/' });
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    expectFramingDenied(answer);
  });

  test('loads, runs, and submits only to its own origin, and runs nothing inline [T-FRAME-03]', async () => {
    const { sso } = theSite();
    const answer = await send(await serve(), { path: '/' });
    expect(directives(answer)).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self'",
      'font-src': "'self'",
      'connect-src': reachable.join(' ').replace('sso', sso.origin),
      'base-uri': "'none'",
      'form-action': "'self'",
      'frame-ancestors': "'none'",
    });
  });
});

test('an account-page script can’t be framed and has a script’s content type [T-FRAME-02]', async () => {
  const answer = await send(await accountPageServer(), { path: SCRIPT });
  expect(answer.headers['content-type']).toMatch(/^(text|application)\/javascript/);
  expectFramingDenied(answer);
});

describe('every other response', () => {
  const json = { 'content-type': 'application/json' };
  test.each<[string, 'sso' | 'foo', HttpRequest]>([
    ['who is signed in at an app', 'foo', { path: APP_PATHS.session }],
    ['a refusal of an app', 'foo', { method: 'POST', path: APP_PATHS.session, headers: json, body: '{}' }],
    ['an app’s own request', 'foo', { path: '/api/me' }],
    ['an app’s keys', 'foo', { path: APP_PATHS.keys }],
    ['a logout notice', 'foo', { method: 'POST', path: APP_PATHS.backchannelLogout }],
    ['an unknown path of an app', 'foo', { path: '/nowhere' }],
    ['another method, at an app', 'foo', { method: 'PUT', path: APP_PATHS.session }],
    [
      'a foreign origin’s request',
      'sso',
      { method: 'POST', path: '/', headers: { origin: 'https://evil.example' } },
    ],
    ['a preflight', 'sso', { method: 'OPTIONS', path: '/' }],
    ['the account page’s overview', 'sso', { path: ACCOUNT_PATHS.overview }],
    ['a refusal of the account page', 'sso', { method: 'POST', path: ACCOUNT_PATHS.login }],
    ['an introspection', 'sso', { method: 'POST', path: SSO_PATHS.introspection }],
    ['the end of a session', 'sso', { method: 'POST', path: SSO_PATHS.endSession }],
    ['the metadata', 'sso', { path: SSO_PATHS.metadata }],
    ['the SSO service’s keys', 'sso', { path: SSO_PATHS.keys }],
    ['the readiness', 'sso', { path: '/readyz' }],
    ['an unknown path', 'sso', { path: '/<script>alert(1)</script>' }],
    ['another method', 'sso', { method: 'DELETE', path: '/' }],
  ])(
    'can’t be framed, and is neither a script nor a document: %s [T-FRAME-02]',
    async (_what, server, attempt) => {
      const answer = await send(theSite()[server], attempt);
      expectFramingDenied(answer);
      if (answer.text !== '')
        expect(answer.headers['content-type']).toMatch(/^application\/(problem\+)?json/);
      expect(answer.text).not.toContain('alert');
    },
  );

  test.each(['/%zz', '/%c0%af', '/%'])('doesn’t repeat a malformed path: %s [T-FRAME-02]', async (path) => {
    const { sso, foo } = theSite();
    for (const server of [sso, foo]) {
      const answer = await send(server, { path });
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect([answer.status, answer.body['code']]).toEqual([400, 'invalid-request']);
      expect(answer.text).not.toContain('%');
    }
  });
});
