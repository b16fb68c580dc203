/**
 * An app may end an SSO session for a person who signs out there. The attacker is another app, or has its
 * assertion, or has a page on a sibling host open in the victim's browser. They want to sign out somebody
 * who didn't ask for it, or to learn who is signed in.
 */
import { APP_PATHS, CLIENT_ASSERTION_TYPE, SSO_PATHS } from '@samesite-sso/protocol';
import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { ADA, Browser, GRACE } from '../support/browser.ts';
import { type Answer, postForm, send } from '../support/http.ts';
import { type Server, type Site, sharedSite } from '../support/site.ts';
import { keyOf, signedBy, unpublishedKey } from './create-jws.ts';
import { corsHeaders, expectRefusal } from './expect-refusal.ts';
import { assertionClaims, assertionOf, introspect } from './introspect.ts';

const shared = sharedSite();
/** Signed in at foo, not at lorem. */
let victim: Browser;
let sid: string;

beforeEach(async () => {
  victim = new Browser(shared());
  await victim.logIn(ADA);
  const token = await victim.token();
  sid = String(decodeJwt(token)['sid']);
  expect((await victim.redeem(shared().foo, token)).status).toBe(201);
});

const endSession = (at: Site, form: Record<string, string>): Promise<Answer> =>
  postForm(at.sso, SSO_PATHS.endSession, { client_assertion_type: CLIENT_ASSERTION_TYPE, ...form });
const endAs = (at: Site, app: Server, about = sid) =>
  endSession(at, { sid: about, client_assertion: assertionOf(at, app) });
const outcomeOf = ({ status, text }: Answer) => [status, text];
/** The service stores the `jti` of each accepted assertion, so the tests compare without it. */
const state = () => shared().state('sso.client_assertion');

describe('an SSO session isn’t ended', () => {
  test('by an app that never got a token of it, and the app learns nothing [T-SIGNOUT-09]', async () => {
    const at = shared();
    const before = await state();
    const told = [await endAs(at, at.lorem), await endAs(at, at.lorem, 'unheard of')].map(outcomeOf);
    expect(told).toEqual(Array(2).fill([200, '{}']));
    expect(await state()).toEqual(before);
    expect(await victim.status()).toBe('signed in');
  });

  test('by an app that stole another app’s token and introspected it [T-SIGNOUT-09]', async () => {
    const at = shared();
    const stolen = await victim.token();
    expect((await introspect(at, stolen, at.lorem)).body).toEqual({ active: false });
    await endAs(at, at.lorem);
    expect(await victim.status()).toBe('signed in');
  });

  test('by an app that got a token and never redeemed it [T-SIGNOUT-09]', async () => {
    const at = shared();
    expect(decodeJwt(await victim.token(at.lorem))['sid']).toBe(sid);
    await endAs(at, at.lorem);
    expect(await victim.status()).toBe('signed in');
  });

  test('by an app that redeemed a token of another person or of another session [T-SIGNOUT-09]', async () => {
    const at = shared();
    for (const who of [GRACE, ADA]) await new Browser(at).signIn(who, at.lorem);
    await endAs(at, at.lorem);
    expect(await victim.status()).toBe('signed in');
  });

  test.each<[string, (at: Site) => string]>([
    [
      'an unpublished key in foo’s name',
      (at) => signedBy(unpublishedKey('x'), {}, assertionClaims(at, at.foo)),
    ],
    ['lorem’s key in foo’s name', (at) => signedBy(keyOf(at.lorem), {}, assertionClaims(at, at.foo))],
    ['foo’s assertion for another server', (at) => assertionOf(at, at.foo, { aud: at.lorem.origin })],
    [
      'foo’s assertion for this endpoint’s URL',
      (at) => assertionOf(at, at.foo, { aud: at.sso.origin + SSO_PATHS.endSession }),
    ],
    ['foo’s expired assertion', (at) => assertionOf(at, at.foo, { exp: at.clock.now / 1000 - 6 })],
    ['the victim’s cookie', (at) => victim.cookies.get(at.sso) ?? ''],
    ['an empty text', () => ''],
  ])('by %s [T-SIGNOUT-10]', async (_what, assertion) => {
    const at = shared();
    const before = await at.state();
    const answer = await endSession(at, { sid, client_assertion: assertion(at) });
    expect(outcomeOf(answer)).toEqual([401, '{"error":"invalid_client"}']);
    expect(corsHeaders(answer)).toEqual({});
    expect(await at.state()).toEqual(before);
  });

  test('by an assertion already used at this endpoint or at the introspection [T-SIGNOUT-10]', async () => {
    const at = shared();
    const there = assertionOf(at, at.foo);
    const here = assertionOf(at, at.foo);
    const form = { client_assertion_type: CLIENT_ASSERTION_TYPE, token: 'junk' };
    await postForm(at.sso, SSO_PATHS.introspection, { ...form, client_assertion: there });
    await endSession(at, { sid: 'another', client_assertion: here });
    const before = await at.state();
    const replays = Array.from({ length: 20 }, (_, index) =>
      endSession(at, { sid, client_assertion: index % 2 === 0 ? here : there }),
    );
    for (const answer of await Promise.all(replays)) expect(answer.status).toBe(401);
    expect(await at.state()).toEqual(before);
  });

  test.each([
    ['of 3,000 characters', () => 'x'.repeat(3000), 200],
    ['of 100,000 characters', () => 'x'.repeat(100_000), 413],
    ['as an SQL pattern', () => '%', 200],
    ['with one more character', () => `${sid}0`, 200],
    ['in upper case', () => sid.toUpperCase(), 200],
    ['in a JSON array', () => `["${sid}"]`, 200],
    ['with SQL', () => `x' OR sid = '${sid}`, 200],
  ])('by another sid: %s [T-SIGNOUT-10]', async (_what, other, status) => {
    const at = shared();
    const before = await state();
    expect((await endAs(at, at.foo, other())).status).toBe(status);
    expect(await state()).toEqual(before);
  });

  test('by a page, with any origin and cookies [T-SIGNOUT-10]', async () => {
    const at = shared();
    const before = await at.state();
    for (const origin of [at.foo.origin, at.sso.origin, 'https://evil.example', 'null']) {
      for (const method of ['POST', 'GET', 'DELETE', 'OPTIONS']) {
        const answer = await send(at.sso, {
          method,
          path: `${SSO_PATHS.endSession}?sid=${sid}`,
          headers: {
            origin,
            cookie: victim.cookies.get(at.sso) ?? '',
            'access-control-request-method': 'POST',
            ...(method === 'POST' && { 'content-type': 'application/x-www-form-urlencoded' }),
          },
          ...(method === 'POST' && { body: `sid=${sid}` }),
        });
        expect(answer.status).toBe(method === 'POST' ? 401 : 405);
        expect(corsHeaders(answer)).toEqual({});
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
    }
    expect(await at.state()).toEqual(before);
  });
});

describe('a page of a sibling in the victim’s browser', () => {
  test.each(['?scope=site', '', '?scope=site&scope=site'])(
    'signs nobody out by DELETE /session%s at the app [T-SIGNOUT-11]',
    async (query) => {
      const at = shared();
      const before = await at.state();
      for (const origin of [at.lorem.origin, at.sso.origin, 'null', undefined]) {
        const headers = { ...(origin !== undefined && { origin }), 'sec-fetch-site': 'same-site' };
        const path = APP_PATHS.session + query;
        expectRefusal(await victim.send(at.foo, { method: 'DELETE', path, headers }), 'origin-not-allowed');
      }
      expect(await at.state()).toEqual(before);
      expect([await victim.status(), (await victim.sessionAt(at.foo))['status']]).toEqual([
        'signed in',
        'signed in',
      ]);
    },
  );

  test.each(['GET', 'HEAD', 'POST', 'PUT'])(
    'signs nobody out by %s /session?scope=site [T-SIGNOUT-11]',
    async (method) => {
      const at = shared();
      const before = await at.state();
      const headers = { origin: at.foo.origin };
      await victim.send(at.foo, { method, path: `${APP_PATHS.session}?scope=site&_method=DELETE`, headers });
      expect(await at.state()).toEqual(before);
    },
  );
});

test('foo’s own page can sign the person out of the whole site', async () => {
  const at = shared();
  const headers = { origin: at.foo.origin };
  const path = `${APP_PATHS.session}?scope=site`;
  expect((await victim.send(at.foo, { method: 'DELETE', path, headers })).status).toBe(200);
  await expect.poll(() => victim.status(), { timeout: 5000 }).toBe('signed out');
});
