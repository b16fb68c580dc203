/**
 * The attacker has an account of their own, grace's, and wants ada's browser signed in to it, to see her
 * actions (login CSRF). They have a page on an unlisted sibling or on another site open in that browser.
 */
import { APP_PATHS, SSO_PATHS } from '@samesite-sso/protocol';
import { beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { ADA, Browser, GRACE } from '../support/browser.ts';
import type { HttpRequest } from '../support/http.ts';
import { sharedSite, site } from '../support/site.ts';
import { expectRefusal } from './expect-refusal.ts';

const ATTACKERS: [string, Record<string, string>][] = [
  ['an unlisted sibling', { origin: 'http://old.app.example.localhost:4001' }],
  ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['a sandboxed frame', { origin: 'null' }],
  ['a page without an origin', {}],
];

const theSite = sharedSite();
let ada: Browser;
let grace: Browser;

beforeAll(async () => {
  ada = new Browser(theSite());
  grace = new Browser(theSite());
  await ada.signIn(ADA);
  await grace.logIn(GRACE);
});

const post = (path: string, body: unknown, headers: Record<string, string>): HttpRequest => ({
  method: 'POST',
  path,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

describe('another person’s account', () => {
  test.each(ATTACKERS)(
    'can’t be signed in to from the victim’s browser by %s [T-FORGE-01]',
    async (_who, headers) => {
      const at = theSite();
      const { username, password } = GRACE;
      const before = await at.state();
      const pushes = [
        post(SSO_PATHS.crossOrigin, { request: 'login', username, password }, headers),
        post(ACCOUNT_PATHS.login, { username, password }, headers),
      ];
      for (const push of pushes) expectRefusal(await ada.send(at.sso, push), 'origin-not-allowed');
      expect(await at.state()).toEqual(before);
      expect((await ada.ask({ request: 'login status' })).body).toMatchObject({
        account: { username: 'ada' },
      });
    },
  );

  test.each(ATTACKERS)(
    'can’t be signed in to by %s from a browser without a session [T-FORGE-01]',
    async (_who, headers) => {
      const at = await site();
      const ada = new Browser(at);
      const { username, password } = GRACE;
      const before = await at.state();
      const push = post(SSO_PATHS.crossOrigin, { request: 'login', username, password }, headers);
      expectRefusal(await ada.send(at.sso, push), 'origin-not-allowed');
      expect(await at.state()).toEqual(before);
      expect(await ada.status()).toBe('signed out');
    },
  );

  test('can’t be signed in to through the account page by a registered app [T-FORGE-01]', async () => {
    const at = theSite();
    const { username, password } = GRACE;
    const before = await at.state();
    const push = post(ACCOUNT_PATHS.login, { username, password }, { origin: at.foo.origin });
    expectRefusal(await ada.send(at.sso, push), 'origin-not-allowed');
    expect(await at.state()).toEqual(before);
  });
});

describe('another person’s token', () => {
  test.each([...ATTACKERS, ['another registered app', null] as const])(
    'can’t be redeemed in the victim’s browser by %s and stays valid [T-FORGE-02]',
    async (_who, headers) => {
      const at = theSite();
      const token = await grace.token();
      const before = await at.state();
      const push = post(APP_PATHS.session, { token }, headers ?? { origin: at.lorem.origin });
      expectRefusal(await ada.send(at.foo, push), 'origin-not-allowed');
      expect(await at.state()).toEqual(before);
      expect(await ada.sessionAt(at.foo)).toMatchObject({ account: { username: 'ada' } });
      expect((await grace.redeem(at.foo, token)).status).toBe(201);
    },
  );

  test.each<[string, (token: string) => HttpRequest]>([
    ['in a link', (token) => ({ path: `${APP_PATHS.session}?token=${token}` })],
    ['in a link to the page', (token) => ({ path: `/?token=${token}` })],
    ['as a header', (token) => ({ path: APP_PATHS.session, headers: { authorization: `Bearer ${token}` } })],
    [
      'in a form',
      (token) => ({
        method: 'POST',
        path: APP_PATHS.session,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `token=${token}`,
      }),
    ],
    [
      'in a form of plain text that is JSON',
      (token) => ({
        method: 'POST',
        path: APP_PATHS.session,
        headers: { 'content-type': 'text/plain' },
        body: `{"token":"${token}"}`,
      }),
    ],
  ])('is not accepted %s, even from the app’s own origin [T-FORGE-02]', async (_how, attempt) => {
    const at = theSite();
    const token = await grace.token();
    const before = await at.state();
    const { headers, ...rest } = attempt(token);
    const answer = await ada.send(at.foo, { ...rest, headers: { ...headers, origin: at.foo.origin } });
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(await at.state()).toEqual(before);
    expect(await ada.sessionAt(at.foo)).toMatchObject({ account: { username: 'ada' } });
  });

  test('for another app is refused at this one [T-TOKEN-04]', async () => {
    const at = theSite();
    const token = await grace.token(at.lorem);
    const before = await at.state();
    const answer = await ada.redeem(at.foo, token);
    expect([answer.status, answer.body['code']]).toEqual([401, 'invalid-token']);
    expect(await at.state()).toEqual(before);
  });
});

describe('another person’s session', () => {
  test('in the victim’s browser is replaced by the victim’s sign-in [T-FORGE-03]', async () => {
    const at = await site();
    const attacker = new Browser(at);
    await attacker.logIn(GRACE);
    const victim = new Browser(at);
    victim.cookies.set(at.sso, attacker.cookies.get(at.sso) ?? '');
    await victim.signIn(ADA);
    expect(await victim.sessionAt(at.foo)).toMatchObject({ account: { username: 'ada' } });
    expect(await attacker.status()).toBe('signed out');
  });

  test('can’t be ended or read with the cookie of another session [T-FORGE-04]', async () => {
    const at = theSite();
    const sids = ((await at.state())['sso.sso_session'] as { sid: string; account_id: string }[]).filter(
      ({ account_id }) => account_id === 'account-of-ada',
    );
    const before = await at.state();
    for (const { sid } of sids) {
      const path = `${ACCOUNT_PATHS.sessions}/${sid}`;
      const answer = await grace.send(at.sso, {
        method: 'DELETE',
        path,
        headers: { origin: at.sso.origin },
      });
      expectRefusal(answer, 'not-found');
    }
    const overview = await grace.send(at.sso, { path: ACCOUNT_PATHS.overview });
    expect(overview.text).not.toContain(String(sids[0]?.sid));
    expect(await at.state()).toEqual(before);
    expect(await ada.status()).toBe('signed in');
  });
});

test('a registered app may sign a visitor in to any account by its password [T-FORGE-01]', async () => {
  const at = await site();
  const visitor = new Browser(at);
  await visitor.logIn(ADA);
  await visitor.logIn(GRACE, at.lorem);
  const status = await visitor.ask({ request: 'login status' });
  expect(status.body).toMatchObject({ account: { username: 'grace' } });
});
