/** `DELETE /session?scope=site` against the real SSO service, which may be down or fail meanwhile. */
import type { RequestListener } from 'node:http';
import { SSO_PATHS } from '@samesite-sso/protocol';
import Fastify from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { relyingApp } from './index.ts';
import { cookieOf, type Site, type SiteApp, SSO_ORIGIN, startSite } from './real-site.fixture.ts';

/** The contract's bound, in milliseconds. */
const IN_TIME = { timeout: 5000 };
/** Several pauses long, so that a test that hangs fails. */
const AT_LAST = { timeout: 15_000 };

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

it('the app answers at once while the SSO service is silent, and tells it later', async () => {
  const foo = await signedIn();
  site.ssoAnswers = (request, response) => {
    if (request.url !== SSO_PATHS.endSession) site.ssoService(request, response); // Else: no answer.
  };
  const before = told();
  const startedAt = performance.now();
  expect((await foo.signOut()).statusCode).toBe(200);
  expect(performance.now() - startedAt).toBeLessThan(1000);
  await expect.poll(told).toBe(before + 1);
  expect([await foo.status(), await foo.ssoStatus()]).toEqual(['signed out', 'signed in']);
  site.ssoAnswers = site.ssoService;
  await expect.poll(foo.ssoStatus, AT_LAST).toBe('signed out');
});

it('an SSO service that fails is told again, until it has answered', async () => {
  const foo = await signedIn();
  site.ssoAnswers = failing;
  const before = told();
  await foo.signOut();
  await expect.poll(told, AT_LAST).toBe(before + 2);
  site.ssoAnswers = site.ssoService;
  await expect.poll(foo.ssoStatus, AT_LAST).toBe('signed out');
  const after = told();
  await foo.app.close(); // A further try would come before that, or at the next start.
  expect(told()).toBe(after);
});

it('a token of the session is refused before the SSO service is asked about it, and hastens the next try', async () => {
  const foo = await signedIn();
  site.ssoAnswers = failing;
  const before = told();
  await foo.signOut();
  await expect.poll(told, AT_LAST).toBe(before + 3); // The next pause is 3 s at least.
  site.ssoAnswers = site.ssoService;
  const introspections = () => site.asked.filter((path) => path === SSO_PATHS.introspection).length;
  const asked = introspections();
  const answer = await foo.redeem(await foo.newToken());
  expect([answer.statusCode, answer.json().code]).toEqual([401, 'invalid-token']);
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect(introspections()).toBe(asked);
  await expect.poll(foo.ssoStatus, { timeout: 2500 }).toBe('signed out');
});

it('no session is left where the sign-out overtakes a step 4 that the SSO service has answered', async () => {
  const foo = await signedIn();
  const token = await foo.newToken();
  site.ssoAnswers = (request, response) => {
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

it('what a process could not tell before its end is told by the next one when that starts', async () => {
  const foo = await signedIn();
  site.ssoAnswers = failing;
  await foo.signOut();
  await foo.app.close();
  expect(await foo.ssoStatus()).toBe('signed in');
  site.ssoAnswers = site.ssoService;
  await restart(foo);
  await expect.poll(foo.ssoStatus, AT_LAST).toBe('signed out');
});

it('a process that starts later refuses the tokens of a session that was signed out of before', async () => {
  const foo = await signedIn();
  site.ssoAnswers = failing;
  await foo.signOut();
  await foo.app.close();
  const redeem = await restart(foo);
  expect((await redeem(await foo.newToken())).json().code).toBe('invalid-token');
});

it('a person who signs in again afterwards is let in at once, while the old sign-out still waits', async () => {
  const foo = await signedIn();
  site.ssoAnswers = failing;
  await foo.signOut();
  await site.signIn();
  expect((await foo.redeem(await foo.newToken())).statusCode).toBe(201);
  site.ssoAnswers = site.ssoService;
});

it('an app under a base path signs in, signs out of the site, and hears of a logout there', async () => {
  const below = await startSite(Date.now, '/scope/api');
  onTestFinished(() => below.close());
  const apps = [];
  for (let count = 0; count < 2; count += 1) {
    const app = await below.newApp({ basePath: '/scope/api' });
    const answer = await app.redeem(await app.newToken());
    expect(answer.statusCode).toBe(201);
    const cookie = cookieOf(answer);
    expect((await app.look(cookie)).status).toBe('signed in');
    apps.push({ ...app, cookie });
  }
  const [foo, lorem] = apps as [(typeof apps)[0], (typeof apps)[0]];
  const headers = { origin: foo.origin, cookie: foo.cookie };
  await foo.app.inject({ method: 'DELETE', url: '/scope/api/session?scope=site', headers });
  await expect.poll(async () => (await lorem.look(lorem.cookie)).status, IN_TIME).toBe('signed out');
});
