/** Apps that require a group or a second factor: steps 3 and 4 refuse sessions that don't have it. */
import { describe, expect, test } from 'vitest';
import { overviewOf } from '../../../../test/support/sso/account-requests.ts';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import { withApps } from '../../../../test/support/sso/app-servers.ts';
import { addPasskey, signInWith } from '../../../../test/support/sso/passkey-requests.ts';
import { sealingKeysOf } from '../../../../test/support/sso/sealing-keys.ts';
import { ADA, cookieOf, FOO, LOREM, OPERATOR, PASSWORD } from '../../../../test/support/sso/test-service.ts';
import { addAuthenticator, codeAt } from '../../../../test/support/sso/totp-app.ts';

const TOKEN = { request: 'authentication token' };
const STAFF = { groups: ['admins', 'staff'], secondFactor: false };
const STRONG = { groups: null, secondFactor: true };

/** Foo has the requirement, and lorem has none. */
async function withRequirement(required: typeof STAFF | typeof STRONG) {
  const service = await withApps({ sealing: sealingKeysOf() });
  const [foo, lorem] = service.config.apps;
  const apps = [{ ...foo, ...required }, lorem] as typeof service.config.apps;
  await service.changeApps(apps);
  const { groups } = service.stores;
  return {
    ...service,
    join: (name: string) => groups.add(name, [ADA.id], OPERATOR),
    leave: (name: string) => groups.remove(name, [ADA.id], OPERATOR),
    tokenAt: (origin: string, cookie: string) => service.post(TOKEN, { cookie, origin }),
  };
}

describe('an app that requires a group', () => {
  test('gets no token of others, who stay signed in elsewhere [T-SESSION-13]', async () => {
    const { tokenAt, logIn, stores, app } = await withRequirement(STAFF);
    const cookie = await logIn();
    const answer = await tokenAt(FOO, cookie);
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toEqual({
      type: 'urn:problem-type:samesite-sso:not-permitted',
      title: "You don't have access to this app.",
      status: 403,
      code: 'not-permitted',
    });
    expect(answer.headers['access-control-allow-origin']).toBe(FOO);
    expect((await tokenAt(LOREM, cookie)).statusCode).toBe(200);
    expect((await overviewOf(app, cookie)).sessions[0]?.apps).toMatchObject([{ origin: LOREM }]);
    expect(await allRows(stores.audit.pages({ kind: 'token issued', limit: 9 }))).toHaveLength(1);
  });

  test('gets the groups of a member, and no more tokens once the person has left', async () => {
    const { tokenAt, logIn, join, leave, introspect } = await withRequirement(STAFF);
    const cookie = await logIn();
    for (const name of ['staff', 'choir']) await join(name);
    const tokens: string[] = [];
    for (let count = 0; count < 2; count += 1) tokens.push((await tokenAt(FOO, cookie)).json().token);
    const [first = '', second = ''] = tokens;
    expect((await introspect(first)).json()).toMatchObject({ active: true, groups: ['choir', 'staff'] });
    await leave('staff');
    expect((await introspect(second)).json()).toEqual({ active: false });
    expect((await tokenAt(FOO, cookie)).json()).toMatchObject({ code: 'not-permitted' });
    await join('admins');
    expect((await tokenAt(FOO, cookie)).statusCode, 'in the same session').toBe(200);
  });

  test('learns nothing about people who aren’t signed in', async () => {
    const { post } = await withRequirement(STAFF);
    expect((await post(TOKEN)).json()).toMatchObject({ code: 'not-signed-in' });
  });
});

describe('an app that requires a second factor', () => {
  test('gets no token of a password sign-in, and learns which factors the person has', async () => {
    const service = await withRequirement(STRONG);
    const { tokenAt, logIn } = service;
    const cookie = await logIn();
    const answer = await tokenAt(FOO, cookie);
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'step-up-required', methods: [] });
    expect((await tokenAt(LOREM, cookie)).statusCode).toBe(200);
    await addPasskey(service.app, cookie);
    expect((await tokenAt(FOO, cookie)).json()).toMatchObject({ methods: ['passkey'] });
  });

  test('names a passkey before a code', async () => {
    const service = await withRequirement(STRONG);
    const { tokenAt, logIn, app, clock } = service;
    const cookie = await logIn();
    const { secret } = await addAuthenticator(service, cookie);
    expect((await tokenAt(FOO, cookie)).json()).toMatchObject({ methods: ['code'] });
    const code = codeAt(secret, clock.now);
    const login = await service.post({ request: 'login', username: 'ada', password: PASSWORD, code });
    await addPasskey(app, cookieOf(login));
    expect((await tokenAt(FOO, cookie)).json()).toMatchObject({ methods: ['passkey', 'code'] });
  });

  test('gets a token after a step-up in the same session, which no app hears of [T-SESSION-11]', async () => {
    const service = await withRequirement(STRONG);
    const { tokenAt, logIn, post, clock, introspect, app } = service;
    const cookie = await logIn();
    const { secret } = await addAuthenticator(service, cookie);
    const before = (await introspect((await tokenAt(LOREM, cookie)).json().token, LOREM)).json();
    clock.now += 60_000;
    const login = { request: 'login', username: 'ada', password: PASSWORD };
    const stepUp = await post({ ...login, code: codeAt(secret, clock.now) }, { cookie });
    const renewed = cookieOf(stepUp);
    expect(renewed).not.toBe(cookie);
    const token = await tokenAt(FOO, renewed);
    expect(token.statusCode).toBe(200);
    const after = (await introspect(token.json().token)).json();
    expect(after).toMatchObject({ sid: before.sid, auth_time: clock.now / 1000, amr: ['pwd', 'otp', 'mfa'] });
    expect(before).toMatchObject({ amr: ['pwd'] });
    expect(after.session_exp, 'apps know it, so it never rises').toBe(before.session_exp);
    expect(await service.stores.logoutNotices.appsDue('a test', clock.now)).toEqual([]);
    expect((await tokenAt(FOO, cookie)).json(), 'the old cookie').toMatchObject({ code: 'not-signed-in' });
    expect((await overviewOf(app, renewed)).sessionCount).toBe(1);
  });

  test('gets a token after a sign-in with a passkey', async () => {
    const service = await withRequirement(STRONG);
    const cookie = await service.logIn();
    const authenticator = await addPasskey(service.app, cookie);
    const renewed = cookieOf(await signInWith(service, authenticator, {}, { cookie }));
    const token = await service.tokenAt(FOO, renewed);
    expect((await service.introspect(token.json().token)).json()).toMatchObject({
      amr: ['pop', 'user', 'mfa'],
    });
  });

  test('redeems no token from before it required one', async () => {
    const service = await withApps();
    const cookie = await service.logIn();
    const { token } = (await service.post(TOKEN, { cookie })).json();
    const [foo, lorem] = service.config.apps;
    await service.changeApps([{ ...foo, ...STRONG }, lorem] as typeof service.config.apps);
    expect((await service.introspect(token)).json()).toEqual({ active: false });
  });
});
