/**
 * The attacker has a genuine authentication token: intercepted, another app's, or expired. They want a
 * session of its person. After `kill -9`: `test/resilience/kill.test.ts`. Forged tokens:
 * `forged-tokens.test.ts`.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { retireKey, rotateKey } from '@samesite-sso/core';
import { APP_PATHS, SSO_PATHS } from '@samesite-sso/protocol';
import { describe, expect, test } from 'vitest';
import { openSqliteStores } from '../../apps/sso/src/storage/sqlite/open-stores.ts';
import { ADA, Browser, GRACE } from '../support/browser.ts';
import { type Answer, FORM, postForm, sendBytes } from '../support/http.ts';
import { keysBeside } from '../support/keys-beside.ts';
import { type Site, site } from '../support/site.ts';
import { expectRefusal } from './expect-refusal.ts';
import { arrivals, assertionOf, formOf, introspect } from './introspect.ts';

/** Every authenticated app leaves a row there. */
const ASSERTIONS = 'sso.client_assertion';
/** Tables that the servers change later by themselves after an SSO session has ended. */
const CHANGED_BY_AN_END = [
  ...['sso.sso_session', 'sso.session_app', 'sso.logout_notice', 'sso.delivery_lease'],
  ...['foo.app_session', 'foo.ended_session', 'foo.logout_token'],
];

async function signedIn(at: Site): Promise<Browser> {
  const person = new Browser(at);
  await person.signIn(ADA);
  return person;
}

const expectRefused = (answer: Answer) => expectRefusal(answer, 'invalid-token');

const INACTIVE = [200, '{"active":false}'];
const outcome = ({ status, text }: Answer) => [status, text];
const statuses = (answers: Answer[]) => answers.map(({ status }) => status).sort();
const many = <Made>(count: number, make: (index: number) => Made) =>
  Array.from({ length: count }, (_, index) => make(index));

describe('a token that was redeemed', () => {
  test('is refused at the app and the SSO service, and its person stays signed in [T-TOKEN-01]', async () => {
    const at = await site();
    const person = new Browser(at);
    await person.logIn(ADA);
    const token = await person.token();
    expect((await person.redeem(at.foo, token)).status).toBe(201);

    const before = await at.state(ASSERTIONS);
    expectRefused(await new Browser(at).redeem(at.foo, token));
    expectRefused(await person.redeem(at.foo, token));
    expect(outcome(await introspect(at, token))).toEqual(INACTIVE);
    expect(await at.state(ASSERTIONS)).toEqual(before);
    expect(await person.sessionAt(at.foo)).toMatchObject({ status: 'signed in' });
  });

  test('is refused although the introspection’s response didn’t reach the app [T-TOKEN-03]', async () => {
    const at = await site();
    const token = await (await signedIn(at)).token();
    const before = await at.state();
    const arrived = Promise.withResolvers<void>();
    at.sso.app.server.once('request', (request: IncomingMessage) => request.once('end', arrived.resolve));
    const form = new URLSearchParams(formOf(token, assertionOf(at, at.foo))).toString();
    const headers = { ...FORM, 'content-length': form.length };
    const asking = httpRequest({ port: at.sso.port, method: 'POST', path: SSO_PATHS.introspection, headers });
    asking.on('error', () => {}).end(form);
    await arrived.promise;
    asking.destroy();
    await expect
      .poll(async () => (await at.state())['sso.authentication_token'])
      .not.toEqual(before['sso.authentication_token']);
    const after = await at.state(ASSERTIONS);
    expectRefused(await new Browser(at).redeem(at.foo, token));
    expect(outcome(await introspect(at, token))).toEqual(INACTIVE);
    expect(await at.state(ASSERTIONS)).toEqual(after);
  });
});

describe('among parallel redemptions of one token,', () => {
  test('only one of 50 over separate connections starts a session [T-TOKEN-02]', async () => {
    const at = await site();
    const token = await (await signedIn(at)).token();
    const before = await at.state();
    const answers = await Promise.all(many(50, () => new Browser(at).redeem(at.foo, token)));
    expect(statuses(answers)).toEqual([201, ...many(49, () => 401)]);
    expect(answers.filter(({ headers }) => headers['set-cookie'])).toHaveLength(1);
    expect((await at.state())['foo.app_session']).toHaveLength((before['foo.app_session'] ?? []).length + 1);
  });

  test('only one of 20 over one connection starts a session [T-TOKEN-02]', async () => {
    const at = await site();
    const token = await (await signedIn(at)).token();
    const before = await at.state();
    const body = JSON.stringify({ token });
    const head = [
      `POST ${APP_PATHS.session} HTTP/1.1`,
      `Host: foo`,
      `Origin: ${at.foo.origin}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
    ];
    const requests = many(20, (index) =>
      [...head, ...(index === 19 ? ['Connection: close'] : []), '', body].join('\r\n'),
    );
    const answered = await sendBytes(at.foo, requests.join(''));
    expect(answered.match(/HTTP\/1\.1 \d+/g)?.sort()).toEqual([
      'HTTP/1.1 201',
      ...many(19, () => 'HTTP/1.1 401'),
    ]);
    expect((await at.state())['foo.app_session']).toHaveLength((before['foo.app_session'] ?? []).length + 1);
  });

  test('one of 20 gets a session, and none at another app [T-TOKEN-02]', async () => {
    const at = await site();
    const token = await (await signedIn(at)).token();
    const before = await at.state();
    const answers = await Promise.all(
      many(20, (index) => new Browser(at).redeem(index % 2 ? at.foo : at.lorem, token)),
    );
    expect(statuses(answers)).toEqual([201, ...many(19, () => 401)]);
    const after = await at.state();
    expect(after['lorem.app_session']).toEqual(before['lorem.app_session']);
    expect(after['foo.app_session']).toHaveLength((before['foo.app_session'] ?? []).length + 1);
  });

  test('one of 40 introspections is active, and none by another app [T-TOKEN-02]', async () => {
    const at = await site();
    const token = await (await signedIn(at)).token();
    await introspect(at, 'junk', at.lorem); // From here on, the service has both apps' keys.
    const spent = async () =>
      ((await at.state())['sso.authentication_token'] as { redeemed_at: number | null }[]).filter(
        ({ redeemed_at }) => redeemed_at !== null,
      ).length;
    const before = await spent();
    const answers = await Promise.all(
      many(40, (index) => introspect(at, token, index % 2 ? at.foo : at.lorem)),
    );
    const told = answers.flatMap((answer, index) => (answer.body['active'] ? [{ answer, index }] : []));
    expect(told.map(({ answer }) => answer.body)).toMatchObject([{ aud: at.foo.origin, username: 'ada' }]);
    expect(told.map(({ index }) => index % 2)).toEqual([1]);
    expect(await spent()).toBe(before + 1);
  });
});

describe('a token of another app', () => {
  test('is refused without an introspection and stays valid for its own app [T-TOKEN-04]', async () => {
    const at = await site();
    const person = await signedIn(at);
    const token = await person.token(at.lorem);
    const asked = arrivals(at.sso, SSO_PATHS.introspection);
    const before = await at.state();
    expectRefused(await new Browser(at).redeem(at.foo, token));
    expect(asked()).toBe(0);
    expect(await at.state()).toEqual(before);
    expect((await person.redeem(at.lorem, token)).status).toBe(201);
  });

  test('is inactive for the app that introspects it, with any client_id [T-TOKEN-04]', async () => {
    const at = await site();
    const person = await signedIn(at);
    const token = await person.token(at.lorem);
    const before = await at.state(ASSERTIONS);
    const said = { aud: at.lorem.origin, resource: at.lorem.origin, origin: at.lorem.origin };
    const form = { ...formOf(token, assertionOf(at, at.foo)), ...said };
    const headers = { origin: at.lorem.origin, host: new URL(at.lorem.origin).host };
    expect(outcome(await postForm(at.sso, SSO_PATHS.introspection, form, headers))).toEqual(INACTIVE);
    expect(await at.state(ASSERTIONS)).toEqual(before);
    expect((await person.redeem(at.lorem, token)).status).toBe(201);
  });
});

describe('the lifetime of a token', () => {
  test('ends to the second, without tolerance at the SSO service [T-TOKEN-05]', async () => {
    const at = await site();
    const person = await signedIn(at);
    const [used, late] = [await person.token(), await person.token()];
    at.clock.now += 29_999;
    expect((await person.redeem(at.foo, used)).status).toBe(201);
    at.clock.now += 1;
    const before = await at.state(ASSERTIONS);
    expect(outcome(await introspect(at, late))).toEqual(INACTIVE);
    expectRefused(await person.redeem(at.foo, late));
    expect(await at.state(ASSERTIONS)).toEqual(before);
  });

  test('ends without an introspection once it exceeds the clock tolerance [T-TOKEN-05]', async () => {
    const at = await site();
    const person = await signedIn(at);
    const late = await person.token();
    const asked = arrivals(at.sso, SSO_PATHS.introspection);
    at.clock.now += 35_000;
    const before = await at.state();
    expectRefused(await person.redeem(at.foo, late));
    expect(asked()).toBe(0);
    expect(await at.state()).toEqual(before);
  });
});

const disable = async (at: Site) => {
  const stores = openSqliteStores(at.sso.database);
  await stores.accounts.disable('account-of-ada', { at: at.clock.now, actor: 'operator', address: null });
  await stores.close();
};

describe('a token whose SSO session has ended', () => {
  test.each<[string, (at: Site, person: Browser) => unknown]>([
    ['its person signed out', (_at, person) => person.ask({ request: 'logout' })],
    ['another person signed in on that browser', (_at, person) => person.logIn(GRACE)],
    ['its account was disabled', disable],
    ['it was unused for too long', (at) => (at.clock.now += 20_000)],
    [
      'it reached its maximum lifetime',
      async (at, person) => {
        at.clock.now += 15_000;
        await person.status();
        at.clock.now += 12_000;
      },
    ],
  ])('is refused: %s [T-TOKEN-06]', async (_how, end) => {
    const at = await site({ SSO_SESSION_IDLE_SECONDS: '20', SSO_SESSION_MAX_SECONDS: '25' });
    const person = new Browser(at);
    await person.logIn(ADA);
    const [good, token] = [await person.token(), await person.token()];
    expect((await new Browser(at).redeem(at.foo, good)).status).toBe(201);
    const [ended] = await ssoSids(at);
    await end(at, person);
    const expectWorthless = async (...except: string[]) => {
      const before = await at.state(ASSERTIONS, ...except);
      expect(outcome(await introspect(at, token))).toEqual(INACTIVE);
      const thief = new Browser(at);
      expectRefused(await thief.redeem(at.foo, token));
      expect(await at.state(ASSERTIONS, ...except)).toEqual(before);
      expect(await thief.sessionAt(at.foo)).toEqual({ status: 'signed out' });
    };
    // At once, while the servers may still delete rows, and again afterwards.
    await expectWorthless(...CHANGED_BY_AN_END);
    const left = async () => {
      const state = await at.state();
      return [(await ssoSids(at)).includes(ended), state['sso.logout_notice'], state['foo.app_session']];
    };
    await expect.poll(left).toEqual([false, [], []]);
    await expectWorthless();
  });
});

async function ssoSids(at: Site): Promise<unknown[]> {
  return ((await at.state())['sso.sso_session'] as { sid: string }[]).map(({ sid }) => sid);
}

test('a token under a retired key is refused without an introspection [T-TOKEN-07]', async () => {
  const at = await site();
  const person = new Browser(at);
  await person.logIn(ADA);
  const token = await person.token();
  const [old] = (await at.sso.app.inject(SSO_PATHS.keys)).json().keys;
  const keys = keysBeside(at.sso.database, () => at.clock.now);
  await rotateKey(keys, { immediate: true });
  await retireKey(keys, old.kid);
  at.clock.now += 1000;
  const asked = arrivals(at.sso, SSO_PATHS.introspection);
  const before = await at.state();
  expectRefused(await person.redeem(at.foo, token));
  expect(asked()).toBe(0);
  expect(await at.state()).toEqual(before);
  expect((await person.redeem(at.foo, await person.token())).status).toBe(201);
});
