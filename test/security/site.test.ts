/** That the site under attack is a working one: else every refusal would prove nothing. */
import { expect, test } from 'vitest';
import { ADA, Browser, GRACE } from '../support/browser.ts';
import { site } from '../support/site.ts';

test('lets a person in at one app and, without a password, at the other', async () => {
  const at = await site();
  const person = new Browser(at);
  await person.signIn(ADA);
  expect(await person.sessionAt(at.foo)).toMatchObject({ account: { username: 'ada' } });
  await person.redeem(at.lorem, await person.token(at.lorem));
  expect(await person.sessionAt(at.lorem)).toMatchObject({ status: 'signed in' });
});

test('has a state that changes with what people do, and stays as it is otherwise', async () => {
  const at = await site();
  const before = at.state();
  expect(at.state()).toEqual(before);
  await new Browser(at).signIn(GRACE);
  const after = at.state();
  expect(Object.keys(after)).toEqual(
    expect.arrayContaining(['sso.sso_session', 'foo.app_session', 'lorem.app_session']),
  );
  expect(after['sso.sso_session']).toHaveLength(1);
  expect(after['foo.app_session']).toHaveLength(1);
  expect(after['lorem.app_session']).toEqual(before['lorem.app_session']);
});
