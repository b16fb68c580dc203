/** Two instances of the SSO service on one PostgreSQL database. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { SealingKeys } from '@samesite-sso/core';
import { expect, onTestFinished, test } from 'vitest';
import { postgresUrl } from '../../../test/support/postgres.ts';
import { sharedHasher } from '../../../test/support/shared-hasher.ts';
import { ASSERTION_TYPE, withApps } from '../../../test/support/sso/app-servers.ts';
import { cookieOf, FOO, PASSWORD, temporaryFolder } from '../../../test/support/sso/test-service.ts';
import { createSsoService } from './app.ts';

const LOGIN = { request: 'login', username: 'ada', password: PASSWORD };
const STATUS = { request: 'login status' };
const TOKEN = { request: 'authentication token' };

async function twoInstances() {
  const file = path.join(temporaryFolder(), 'sealing-keys');
  writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  const service = await withApps({ database: await postgresUrl(), sealing: SealingKeys.read(file) });
  const two = await createSsoService(service.config, () => service.clock.now, await sharedHasher());
  onTestFinished(() => two.close());
  const post = async (to: typeof two, body: unknown, cookie = '') =>
    to.inject({ method: 'POST', url: '/', headers: { origin: FOO, cookie }, payload: body as object });
  return { ...service, one: service.app, two, post };
}

test('a person who signs in at one instance is signed in at each, until one ends the session', async () => {
  const { one, two, post, introspect } = await twoInstances();
  const cookie = cookieOf(await post(one, LOGIN));
  expect((await post(two, STATUS, cookie)).json()).toMatchObject({ status: 'signed in' });
  const { token } = (await post(two, TOKEN, cookie)).json();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => introspect(token, FOO, index % 2 === 0 ? one : two)),
  );
  expect(answers.filter((answer) => answer.json().active)).toMatchObject([{ statusCode: 200 }]);
  const { token: late } = (await post(one, TOKEN, cookie)).json();
  await post(two, { request: 'logout' }, cookie);
  for (const instance of [one, two]) {
    expect((await post(instance, STATUS, cookie)).json()).toEqual({ status: 'signed out' });
    expect((await post(instance, TOKEN, cookie)).statusCode).toBe(401);
    expect((await introspect(late, FOO, instance)).json()).toEqual({ active: false });
  }
});

test('all instances sign with the same key', async () => {
  const { one, two } = await twoInstances();
  const keysOf = async (instance: typeof two) => (await instance.inject('/.well-known/jwks.json')).json();
  expect(await keysOf(one)).toEqual(await keysOf(two));
});

test('sign-ins that fail at several instances count together', async () => {
  const { one, two, post } = await twoInstances();
  const wrong = { ...LOGIN, password: 'not the password of ada' };
  const codes: string[] = [];
  for (let count = 0; count < 12; count += 1) {
    codes.push((await post(count % 2 === 0 ? one : two, wrong)).json().code);
  }
  expect(codes).toEqual([...Array(10).fill('invalid-credentials'), ...Array(2).fill('too-many-attempts')]);
  expect((await post(two, LOGIN)).json()).toMatchObject({ code: 'too-many-attempts' });
});

test('text that PostgreSQL can’t store matches nothing, wherever a client sends it', async () => {
  const { one, post, introspect, endSession } = await twoInstances();
  for (const text of ['\0', 'nobody\0', '\ud800', 'nobody\udc00']) {
    for (const change of [{ username: text }, { password: text }]) {
      expect([400, 401]).toContain((await post(one, { ...LOGIN, ...change })).statusCode);
    }
    expect((await endSession(text)).json()).toEqual({});
    expect((await introspect(text)).json()).toEqual({ active: false });
    expect(
      (await post(one, STATUS, `__Host-sso=${encodeURIComponent(text.toWellFormed())}`)).statusCode,
    ).toBe(200);
  }
});

test('a client assertion is accepted once by all instances, even if its jti is U+0000', async () => {
  const { one, two, post, postToken, assertion } = await twoInstances();
  const cookie = cookieOf(await post(one, LOGIN));
  const { token } = (await post(one, TOKEN, cookie)).json();
  const client_assertion = await assertion(FOO, { jti: '\0' });
  const form = { token, client_assertion_type: ASSERTION_TYPE, client_assertion };
  expect((await postToken(form, one)).json()).toMatchObject({ active: true });
  const again = await postToken(form, two);
  expect([again.statusCode, again.json()]).toEqual([401, { error: 'invalid_client' }]);
});
