/** Single logout with the real SSO service: the app accepts what the service sends. */
import Fastify from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cookieOf, type Site, type SiteApp, startSite } from './real-site.fixture.ts';

/** The documented limit for single logout. */
const WITHIN_5_S = { timeout: 5000 };

let site: Site;

beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

/** Starts an app session at a new app, from the current SSO session. */
async function signedIn(): Promise<SiteApp & { status(): Promise<string> }> {
  const app = await site.newApp();
  const cookie = cookieOf(await app.redeem(await app.newToken()));
  const status = async () => (await app.fetchSession(cookie)).status;
  expect(await status()).toBe('signed in');
  return { ...app, status };
}

it('a sign-out at the SSO service ends the sessions of every app within 5 s', async () => {
  await site.signIn();
  const [foo, lorem] = [await signedIn(), await signedIn()];
  await site.signOut();
  await expect.poll(foo.status, WITHIN_5_S).toBe('signed out');
  await expect.poll(lorem.status, WITHIN_5_S).toBe('signed out');
});

it('a logout ends no session of a later sign-in', async () => {
  await site.signIn();
  const before = await signedIn();
  await site.signOut();
  await site.signIn();
  const after = await signedIn();
  await expect.poll(before.status, WITHIN_5_S).toBe('signed out');
  expect(await after.status()).toBe('signed in');
});

it('a logout that overtakes step 4 leaves no session behind', async () => {
  let answer = await redeemAfterLogout();
  // On a busy machine, the logout may arrive after the app has given up the introspection.
  while (answer.statusCode === 503) answer = await redeemAfterLogout();
  expect([answer.statusCode, answer.json().code]).toEqual([401, 'invalid-token']);
  expect(answer.headers['set-cookie']).toBeUndefined();
});

/** Holds the introspection's "active" response back until the app has processed the logout. */
async function redeemAfterLogout() {
  await site.signIn();
  const host = Fastify();
  const logoutHandled = new Promise<void>((resolve) => {
    host.addHook('onResponse', async ({ url }) => {
      if (url === '/backchannel-logout') resolve();
    });
  });
  const { redeem, newToken } = await site.newApp({}, host);
  const token = await newToken();
  site.handleSsoRequest = (request, response) => {
    if (request.url !== '/introspect') return site.ssoService(request, response);
    const end = response.end.bind(response);
    response.end = ((...answer: Parameters<typeof end>) => {
      void site
        .signOut()
        .then(() => logoutHandled)
        .then(() => end(...answer));
      return response;
    }) as typeof response.end;
    site.ssoService(request, response);
  };
  const answer = await redeem(token);
  site.handleSsoRequest = site.ssoService;
  return answer;
}
