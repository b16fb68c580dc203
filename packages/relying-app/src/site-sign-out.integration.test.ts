/** `DELETE /session?scope=site` against the real SSO service: the person's SSO session ends, whatever is down meanwhile. */
import type { RequestListener } from 'node:http';
import { SSO_PATHS } from '@samesite-sso/protocol';
import Fastify from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { relyingApp } from './index.ts';
import { cookieOf, type Site, type SiteApp, SSO_ORIGIN, startSite } from './real-site.fixture.ts';

/** The contract's bound, in milliseconds. */
const IN_TIME = { timeout: 5000 };

let site: Site;

beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());
beforeEach(() => site.signIn());
afterEach(() => {
  site.ssoAnswers = site.ssoService;
});

interface SignedInApp extends SiteApp {
  status(): Promise<string>;
  signOut(query?: string): ReturnType<SiteApp['redeem']>;
}

/** An app session at a new app, by the person's present SSO session. */
async function signedIn(...settings: Parameters<Site['newApp']>): Promise<SignedInApp> {
  const app = await site.newApp(...settings);
  const cookie = cookieOf(await app.redeem(await app.newToken()));
  const status = async () => (await app.look(cookie)).status;
  expect(await status()).toBe('signed in');
  const headers = { origin: app.origin, cookie };
  const signOut = (query = '?scope=site') =>
    app.app.inject({ method: 'DELETE', url: `/session${query}`, headers });
  return { ...app, status, signOut };
}

const told = () => site.asked.filter((path) => path === SSO_PATHS.endSession).length;

/** An SSO service that is down, as far as `/end-session` goes. */
const failing: RequestListener = (request, response) => {
  if (request.url === SSO_PATHS.endSession) response.writeHead(503).end();
  else site.ssoService(request, response);
};

it('a sign-out from the whole site ends the SSO session, and every other app’s session by it', async () => {
  const [foo, lorem] = [await signedIn(), await signedIn()];
  const answer = await foo.signOut();
  expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'signed out' }]);
  expect(answer.headers['set-cookie']).toContain('__Host-app=; Max-Age=0');
  expect(await foo.status()).toBe('signed out');
  await expect.poll(lorem.status, IN_TIME).toBe('signed out');
  await expect.poll(foo.ssoStatus, IN_TIME).toBe('signed out');
});

it('a plain sign-out leaves the SSO session alone', async () => {
  const [foo, lorem] = [await signedIn(), await signedIn()];
  const before = told();
  await foo.signOut('');
  expect(await foo.status()).toBe('signed out');
  expect([await foo.ssoStatus(), await lorem.status(), told()]).toEqual(['signed in', 'signed in', before]);
});
