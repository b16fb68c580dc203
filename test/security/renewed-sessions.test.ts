/**
 * The attacker has a copy of a person's SSO cookie, knows their password, or plants a cookie. They want a
 * sign-in with more factors, or a more recent one, to count for them.
 */
import { expect, test } from 'vitest';
import { ADA, Browser, GRACE } from '../support/browser.ts';
import { site } from '../support/site.ts';

test('a copied cookie is dead once its person has signed in again [T-SESSION-11]', async () => {
  const at = await site();
  const person = new Browser(at);
  await person.signIn(ADA);
  const thief = person.copyWithoutApps();
  await person.logIn(ADA);
  expect(await thief.status()).toBe('signed out');
  expect((await thief.authenticationToken()).body['code']).toBe('not-signed-in');
  expect(await person.status()).toBe('signed in');
});

test('a token that a copied cookie got just before is dead as well [T-SESSION-11]', async () => {
  const at = await site();
  const person = new Browser(at);
  await person.signIn(ADA);
  const thief = person.copyWithoutApps();
  const token = await thief.token(at.lorem);
  await person.logIn(ADA);
  const answer = await thief.redeem(at.lorem, token);
  expect([answer.status, answer.body['code']]).toEqual([401, 'invalid-token']);
  expect((await person.signInAt(at.lorem)).status).toBe(201);
});

test('a sign-in that fails renews nothing, and leaves the session as it was [T-SESSION-11]', async () => {
  const at = await site();
  const person = new Browser(at);
  await person.signIn(ADA);
  const before = await at.state('sso.login_failure');
  expect((await person.logIn({ ...ADA, password: 'a wrong password' })).status).toBe(401);
  expect(await at.state('sso.login_failure')).toEqual(before);
  expect(await person.status()).toBe('signed in');
});

test('the sign-in of another account never counts for a session that came along [T-SESSION-11]', async () => {
  const at = await site();
  const [person, attacker] = [new Browser(at), new Browser(at)];
  await person.signIn(ADA);
  attacker.cookies.set(at.sso, person.cookies.get(at.sso) ?? '');
  await attacker.logIn(GRACE);
  expect((await attacker.loginStatus()).body['account']).toMatchObject({ username: 'grace' });
  expect(await person.status(), 'ada’s session has ended').toBe('signed out');
});

test('a login with the cookie of an ended session starts another session [T-SESSION-11]', async () => {
  const at = await site();
  const person = new Browser(at);
  await person.signIn(ADA);
  const kept = person.copyWithoutApps();
  const sidsOf = async () => (await at.state())['sso.sso_session']?.map(({ sid }) => sid) ?? [];
  const [oldSid] = await sidsOf();
  await person.logOut();
  await kept.logIn(ADA);
  expect(await kept.status()).toBe('signed in');
  expect(await sidsOf()).toHaveLength(1);
  expect(await sidsOf()).not.toContain(oldSid);
});

test('a sign-out with a replaced cookie ends the session at every app [T-SESSION-14]', async () => {
  const at = await site();
  const person = new Browser(at);
  await person.signIn(ADA);
  await person.signInAt(at.lorem);
  const unaware = person.copyWithoutApps();
  await person.logIn(ADA);
  await unaware.logOut();
  expect(await person.status()).toBe('signed out');
  for (const app of [at.foo, at.lorem]) {
    await expect.poll(() => person.sessionAt(app), { timeout: 5000 }).toEqual({ status: 'signed out' });
  }
});
