/**
 * The attacker's name, evil.example, resolves to the server's address after their page was loaded, so that
 * to the browser the server is the page's own origin (DNS rebinding). They want access that the network
 * denies them.
 */
import { APP_PATHS, SSO_PATHS } from '@samesite-sso/protocol';
import { beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { ADA, Browser } from '../support/browser.ts';
import { send } from '../support/http.ts';
import { type Server, sharedSite } from '../support/site.ts';
import { corsHeaders, expectRefusal } from './expect-refusal.ts';
import { listPageRequests, type PageRequest } from './list-page-requests.ts';

const theSite = sharedSite();
let victim: Browser;
let requests: PageRequest[];

beforeAll(async () => {
  const at = theSite();
  victim = new Browser(at);
  await victim.signIn(ADA);
  requests = listPageRequests(at, victim, ADA, await victim.token());
});

/**
 * The browser's headers for a request from evil.example to evil.example: same-origin, without the site's
 * cookies.
 */
function rebound({ port }: Server) {
  const host = `evil.example:${port}`;
  return { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin', cookie: 'x=1' };
}

describe('under a foreign host name,', () => {
  test('no request changes anything, not even with the victim’s cookies [T-REBIND-01]', async () => {
    const at = theSite();
    const before = await at.state();
    for (const { to, attempt } of requests.filter(({ attempt }) => attempt.method !== 'GET')) {
      for (const cookies of [{}, { cookie: victim.cookies.get(to) ?? '' }]) {
        const headers = { ...attempt.headers, ...rebound(to), ...cookies };
        expectRefusal(await send(to, { ...attempt, headers }), 'origin-not-allowed');
      }
    }
    expect(await at.state()).toEqual(before);
  });

  test('nobody is signed in, since the browser sends no cookie of the real host [T-REBIND-01]', async () => {
    const at = theSite();
    const { origin: _none, ...headers } = rebound(at.foo);
    expect((await send(at.foo, { path: APP_PATHS.session, headers })).body).toEqual({
      status: 'signed out',
    });
    expectRefusal(await send(at.foo, { path: '/api/me', headers }), 'not-signed-in');
    const overview = await send(at.sso, { path: ACCOUNT_PATHS.overview, headers });
    expect(overview.body).toEqual({ status: 'signed out' });
  });

  test.each<[string, () => Server, string]>([
    ['the SSO service’s keys', () => theSite().sso, SSO_PATHS.keys],
    ['the SSO service’s metadata', () => theSite().sso, SSO_PATHS.metadata],
    ['an app’s keys', () => theSite().foo, APP_PATHS.keys],
    ['whether a server is alive', () => theSite().sso, '/livez'],
    ['whether a server is ready', () => theSite().sso, '/readyz'],
  ])(
    '%s can be read, as public data that is the same for everybody [T-REBIND-02]',
    async (_what, server, path) => {
      const honest = await send(server(), { path, headers: { cookie: victim.cookies.get(server()) ?? '' } });
      const { origin: _none, ...headers } = rebound(server());
      const answer = await send(server(), { path, headers });
      expect([answer.status, answer.text]).toEqual([200, honest.text]);
      expect(answer.text).not.toContain('evil.example');
      expect(corsHeaders(answer)).toEqual({});
    },
  );

  test('the endpoints for servers require a client assertion as always [T-REBIND-02]', async () => {
    const at = theSite();
    const token = await victim.token();
    const before = await at.state();
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const [path, body] of [
      [SSO_PATHS.introspection, `token=${token}`],
      [SSO_PATHS.endSession, 'sid=x'],
    ] as const) {
      const answer = await send(at.sso, {
        method: 'POST',
        path,
        headers: { ...form, ...rebound(at.sso) },
        body,
      });
      expect([answer.status, answer.body]).toEqual([401, { error: 'invalid_client' }]);
    }
    const logout = await send(at.foo, {
      method: 'POST',
      path: APP_PATHS.backchannelLogout,
      headers: { ...form, ...rebound(at.foo) },
      body: 'logout_token=x',
    });
    expect([logout.status, logout.body]).toEqual([400, { error: 'invalid_request' }]);
    expect(await at.state()).toEqual(before);
  });
});

test.each(['evil.example', 'evil.example:80', '', 'x@y', '[::1', 'a'.repeat(5000), '127.0.0.1'])(
  'no response contains the requested Host %j [T-REBIND-03]',
  async (host) => {
    const at = theSite();
    for (const server of [at.sso, at.foo]) {
      for (const path of [
        '/',
        '/session',
        SSO_PATHS.metadata,
        SSO_PATHS.keys,
        '/account',
        '//x',
        '/a/../b',
      ]) {
        const headers = { host, 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
        const answer = await send(server, { path, headers });
        expect(answer.status).toBeLessThan(500);
        expect(JSON.stringify([answer.headers, answer.text])).not.toMatch(/evil\.example|aaaa|x@y/);
        expect(answer.headers.location).toBeUndefined();
      }
    }
  },
);
