/** The attacked site works: otherwise the refusals in the other tests would prove nothing. */
import { expect, test } from 'vitest';
import { ADA, Browser, GRACE } from '../support/browser.ts';
import { site } from '../support/site.ts';

test('the attacked site signs a person in at one app and, without a password, at the other', async () => {
  const at = await site();
  const person = new Browser(at);
  await person.signIn(ADA);
  expect(await person.sessionAt(at.foo)).toMatchObject({ account: { username: 'ada' } });
  await person.redeem(at.lorem, await person.token(at.lorem));
  expect(await person.sessionAt(at.lorem)).toMatchObject({ status: 'signed in' });
});

test('the attacked site’s state changes with requests that have an effect, and only with them', async () => {
  const at = await site();
  const before = await at.state();
  expect(await at.state()).toEqual(before);
  await new Browser(at).signIn(GRACE);
  const after = await at.state();
  expect(Object.keys(after)).toEqual(
    expect.arrayContaining(['sso.sso_session', 'foo.app_session', 'lorem.app_session']),
  );
  expect(after['sso.sso_session']).toHaveLength(1);
  expect(after['foo.app_session']).toHaveLength(1);
  expect(after['lorem.app_session']).toEqual(before['lorem.app_session']);
});
