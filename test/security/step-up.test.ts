/**
 * An app demands a recent sign-in before something that matters. The attacker has a copy of the person's
 * cookies, or a page on another app of the site, and waits for the person to sign in again.
 */
import { APP_PATHS } from '@samesite-sso/protocol';
import type { FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { ADA, Browser, GRACE } from '../support/browser.ts';
import { type Server, type Site, site } from '../support/site.ts';
import { expectRefusal } from './expect-refusal.ts';

const TEN_MINUTES_MS = 600_000;

/** What a route of the app that demands a recent sign-in makes of this browser. */
async function demandRecent({ app }: { app: FastifyInstance }, cookie: string | undefined): Promise<string> {
  const request = { method: 'GET', headers: { ...(cookie && { cookie }) } };
  try {
    return (await app.sso.requireSession(request, { maxAge: 60 })).account.username;
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

/** Ada, signed in at both apps ten minutes ago. */
async function signedInEarlier(): Promise<{ at: Site; ada: Browser; cookieAt(app: Server): string }> {
  const at = await site();
  const ada = new Browser(at, ADA);
  await ada.signIn();
  await ada.signInAt(at.lorem);
  at.clock.now += TEN_MINUTES_MS;
  expect(await demandRecent(at.foo, ada.cookies.get(at.foo))).toBe('insufficient-user-authentication');
  return { at, ada, cookieAt: (app) => ada.cookies.get(app) ?? '' };
}

test('an old session isn’t made recent by its renewal, only by a new sign-in [T-STEPUP-01]', async () => {
  const { at, ada, cookieAt } = await signedInEarlier();
  await ada.status();
  await ada.signInAt(at.foo);
  expect(await demandRecent(at.foo, cookieAt(at.foo))).toBe('insufficient-user-authentication');
  await ada.logIn();
  expect(await demandRecent(at.foo, cookieAt(at.foo))).toBe('insufficient-user-authentication');
  await ada.signInAt(at.foo);
  expect(await demandRecent(at.foo, cookieAt(at.foo))).toBe('ada');
});

test('stolen cookies gain nothing when the person signs in again [T-STEPUP-02]', async () => {
  const { at, ada, cookieAt } = await signedInEarlier();
  const thief = ada.copy();
  await ada.logIn();
  await ada.signInAt(at.foo);
  expect(await demandRecent(at.foo, cookieAt(at.foo))).toBe('ada');
  expect(await thief.status()).toBe('signed out');
  expect((await thief.authenticationToken(at.foo)).body['code']).toBe('not-signed-in');
  expect(await demandRecent(at.foo, thief.cookies.get(at.foo))).toBe('not-signed-in');
  expect(await demandRecent(at.lorem, thief.cookies.get(at.lorem))).toBe('insufficient-user-authentication');
});

test('a new sign-in signs nobody out elsewhere, and no app hears of it [T-STEPUP-03]', async () => {
  const { at, ada, cookieAt } = await signedInEarlier();
  const [ended, before] = [[] as string[], cookieAt(at.lorem)];
  for (const { app } of [at.foo, at.lorem]) app.sso.onSessionEnded((sid) => ended.push(sid));
  const bystander = new Browser(at, GRACE);
  await bystander.signIn();
  await ada.logIn();
  await ada.signInAt(at.foo);
  // The listeners report ends in order, so nothing is outstanding once this one is reported.
  await bystander.signOutAt(at.foo);
  await expect.poll(() => ended, { timeout: 5000 }).toHaveLength(1);
  expect((await ada.appSession(at.lorem)).body['status']).toBe('signed in');
  expect(cookieAt(at.lorem)).toBe(before);
});

test('a sign-in that fails changes no session [T-STEPUP-03]', async () => {
  const { at, ada } = await signedInEarlier();
  const before = await at.state('sso.login_failure');
  expect((await ada.logIn({ password: 'a wrong password, which is long' })).status).toBe(401);
  expect(await at.state('sso.login_failure')).toEqual(before);
});

describe('a sibling’s page', () => {
  test('where the person signs in again makes no session of another app recent [T-STEPUP-04]', async () => {
    const { at, ada, cookieAt } = await signedInEarlier();
    await ada.logIn({}, at.lorem);
    await ada.signInAt(at.lorem);
    expect(await demandRecent(at.lorem, cookieAt(at.lorem))).toBe('ada');
    expect(await demandRecent(at.foo, cookieAt(at.foo))).toBe('insufficient-user-authentication');
    const token = await ada.token(at.lorem);
    for (const origin of [at.lorem.origin, at.sso.origin]) {
      expectRefusal(await ada.redeem(at.foo, token, { origin }), 'origin-not-allowed');
    }
    expectRefusal(await ada.redeem(at.foo, token), 'invalid-token');
    expect(await demandRecent(at.foo, cookieAt(at.foo))).toBe('insufficient-user-authentication');
  });

  test('gets nothing from the route, even if the session meets its demand [T-STEPUP-04]', async () => {
    const { at, ada } = await signedInEarlier();
    await ada.logIn();
    await ada.signInAt(at.foo);
    const { origin } = at.lorem;
    expectRefusal(
      await ada.send(at.foo, { path: '/api/payslip', headers: { origin } }),
      'origin-not-allowed',
    );
    const answer = await ada.send(at.foo, { path: APP_PATHS.session, headers: { origin } });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});
