/** `DELETE /session?scope=site` with the real SSO service, which may be down or fail meanwhile. */
import type { RequestListener } from 'node:http';
import { SSO_PATHS } from '@samesite-sso/protocol';
import Fastify from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { ONE_SECOND_WHEN_BUSY_MS } from '../../../test/support/one-second.ts';
import { relyingApp } from './index.ts';
import { cookieOf, type Site, type SiteApp, SSO_ORIGIN, startSite } from './real-site.fixture.ts';

/** The documented limit for single logout. */
const WITHIN_5_S = { timeout: 5000 };
/** Longer than several retry pauses. */
const WITHIN_15_S = { timeout: 15_000 };

let site: Site;

beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());
beforeEach(() => site.signIn());
afterEach(() => {
  site.handleSsoRequest = site.ssoService;
});

interface SignedInApp extends SiteApp {
  status(): Promise<string>;
  signOut(query?: string): ReturnType<SiteApp['redeem']>;
}

/** Starts an app session at a new app, from the current SSO session. */
async function signedIn(...settings: Parameters<Site['newApp']>): Promise<SignedInApp> {
  const app = await site.newApp(...settings);
  const cookie = cookieOf(await app.redeem(await app.newToken()));
  const status = async () => (await app.fetchSession(cookie)).status;
  expect(await status()).toBe('signed in');
  const headers = { origin: app.origin, cookie };
  const signOut = (query = '?scope=site') =>
    app.app.inject({ method: 'DELETE', url: `/session${query}`, headers });
  return { ...app, status, signOut };
}

const countDeliveries = () => site.requestPaths.filter((path) => path === SSO_PATHS.endSession).length;

/** An SSO service on which only `/end-session` is down. */
const failing: RequestListener = (request, response) => {
  if (request.url === SSO_PATHS.endSession) response.writeHead(503).end();
  else site.ssoService(request, response);
};

it('a sign-out from the whole site ends the SSO session and every other app’s session', async () => {
  const [foo, lorem] = [await signedIn(), await signedIn()];
  const answer = await foo.signOut();
  expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'signed out' }]);
  expect(answer.headers['set-cookie']).toContain('__Host-app=; Max-Age=0');
  expect(await foo.status()).toBe('signed out');
  await expect.poll(lorem.status, WITHIN_5_S).toBe('signed out');
  await expect.poll(foo.ssoStatus, WITHIN_5_S).toBe('signed out');
});

it('a local sign-out leaves the SSO session alone', async () => {
  const [foo, lorem] = [await signedIn(), await signedIn()];
  const before = countDeliveries();
  await foo.signOut('');
  expect(await foo.status()).toBe('signed out');
  expect([await foo.ssoStatus(), await lorem.status(), countDeliveries()]).toEqual([
    'signed in',
    'signed in',
    before,
  ]);
});

it('the app responds at once while the SSO service hangs, and delivers the sign-out later', async () => {
  const foo = await signedIn();
  site.handleSsoRequest = (request, response) => {
    if (request.url !== SSO_PATHS.endSession) site.ssoService(request, response); // Else: no response.
  };
  const before = countDeliveries();
  const startedAt = performance.now();
  expect((await foo.signOut()).statusCode).toBe(200);
  expect(performance.now() - startedAt).toBeLessThan(ONE_SECOND_WHEN_BUSY_MS);
  await expect.poll(countDeliveries).toBe(before + 1);
  expect([await foo.status(), await foo.ssoStatus()]).toEqual(['signed out', 'signed in']);
  site.handleSsoRequest = site.ssoService;
  await expect.poll(foo.ssoStatus, WITHIN_15_S).toBe('signed out');
});

it('a sign-out is delivered again until the SSO service has responded', async () => {
  const foo = await signedIn();
  site.handleSsoRequest = failing;
  const before = countDeliveries();
  await foo.signOut();
  await expect.poll(countDeliveries, WITHIN_15_S).toBe(before + 2);
  site.handleSsoRequest = site.ssoService;
  await expect.poll(foo.ssoStatus, WITHIN_15_S).toBe('signed out');
  const after = countDeliveries();
  await foo.app.close(); // Another attempt would come before that, or at the next start.
  expect(countDeliveries()).toBe(after);
});

it('an ended session’s token is refused, not introspected, and starts delivery [T-SIGNOUT-07]', async () => {
  const foo = await signedIn();
  site.handleSsoRequest = failing;
  const before = countDeliveries();
  await foo.signOut();
  await expect.poll(countDeliveries, WITHIN_15_S).toBe(before + 3); // The next pause is 3 s at least.
  site.handleSsoRequest = site.ssoService;
  const introspections = () => site.requestPaths.filter((path) => path === SSO_PATHS.introspection).length;
  const introspected = introspections();
  const answer = await foo.redeem(await foo.newToken());
  expect([answer.statusCode, answer.json().code]).toEqual([401, 'invalid-token']);
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect(introspections()).toBe(introspected);
  await expect.poll(foo.ssoStatus, { timeout: 2500 }).toBe('signed out');
});

it('a sign-in during a pending sign-out is accepted only in another SSO session [T-STEPUP-06]', async () => {
  const foo = await signedIn();
  site.handleSsoRequest = failing;
  const before = countDeliveries();
  await foo.signOut();
  await expect.poll(countDeliveries).toBeGreaterThan(before);
  await site.signInAgain(); // It continues the SSO session that is to end.
  expect((await foo.redeem(await foo.newToken())).statusCode).toBe(401);
  // What a page does whose app refuses the SSO session: `endRefusedSsoSession` in packages/browser.
  await site.signOut();
  await site.signInAgain();
  const cookie = cookieOf(await foo.redeem(await foo.newToken()));
  site.handleSsoRequest = site.ssoService;
  await expect.poll(countDeliveries, WITHIN_15_S).toBeGreaterThan(before + 1);
  expect([(await foo.fetchSession(cookie)).status, await foo.ssoStatus()]).toEqual([
    'signed in',
    'signed in',
  ]);
});

it('a sign-out that overtakes the introspected step 4 leaves no session behind [T-SIGNOUT-07]', async () => {
  const foo = await signedIn();
  const token = await foo.newToken();
  site.handleSsoRequest = (request, response) => {
    if (request.url === SSO_PATHS.endSession) return void response.writeHead(503).end();
    if (request.url !== SSO_PATHS.introspection) return site.ssoService(request, response);
    const end = response.end.bind(response);
    response.end = ((...answer: Parameters<typeof end>) => {
      void foo.signOut().then(() => end(...answer));
      return response;
    }) as typeof response.end;
    site.ssoService(request, response);
  };
  const answer = await foo.redeem(token);
  expect([answer.statusCode, answer.json().code]).toEqual([401, 'invalid-token']);
  expect(answer.headers['set-cookie']).toBeUndefined();
});

/** Another process of the same app, on its database. */
async function restart({ origin, database, ssoServerUrl }: SiteApp) {
  const next = Fastify();
  onTestFinished(() => next.close());
  await next.register(relyingApp, { origin, ssoOrigin: SSO_ORIGIN, ssoServerUrl, database });
  await next.ready();
  const headers = { origin, 'content-type': 'application/json' };
  return (token: string) => next.inject({ method: 'POST', url: '/session', headers, payload: { token } });
}

it('a new process delivers the sign-outs that the previous one couldn’t deliver [T-SIGNOUT-03]', async () => {
  const foo = await signedIn();
  site.handleSsoRequest = failing;
  await foo.signOut();
  await foo.app.close();
  expect(await foo.ssoStatus()).toBe('signed in');
  site.handleSsoRequest = site.ssoService;
  await restart(foo);
  await expect.poll(foo.ssoStatus, WITHIN_15_S).toBe('signed out');
});

it('a process that starts later refuses the tokens of a signed-out session [T-SIGNOUT-03]', async () => {
  const foo = await signedIn();
  site.handleSsoRequest = failing;
  await foo.signOut();
  await foo.app.close();
  const redeem = await restart(foo);
  expect((await redeem(await foo.newToken())).json().code).toBe('invalid-token');
});

it('a person can sign in again at once while the old sign-out is undelivered', async () => {
  const foo = await signedIn();
  site.handleSsoRequest = failing;
  await foo.signOut();
  await site.signIn();
  expect((await foo.redeem(await foo.newToken())).statusCode).toBe(201);
  site.handleSsoRequest = site.ssoService;
});

it('an app below a base path signs in, signs out of the site, and receives a logout there', async () => {
  const below = await startSite(Date.now, '/scope/api');
  onTestFinished(() => below.close());
  const apps = [];
  for (let count = 0; count < 2; count += 1) {
    const app = await below.newApp({ basePath: '/scope/api' });
    const answer = await app.redeem(await app.newToken());
    expect(answer.statusCode).toBe(201);
    const cookie = cookieOf(answer);
    expect((await app.fetchSession(cookie)).status).toBe('signed in');
    apps.push({ ...app, cookie });
  }
  const [foo, lorem] = apps as [(typeof apps)[0], (typeof apps)[0]];
  const headers = { origin: foo.origin, cookie: foo.cookie };
  await foo.app.inject({ method: 'DELETE', url: '/scope/api/session?scope=site', headers });
  await expect
    .poll(async () => (await lorem.fetchSession(lorem.cookie)).status, WITHIN_5_S)
    .toBe('signed out');
});
