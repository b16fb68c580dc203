import { expect, test } from 'vitest';
import { ADA, OPERATOR, PASSWORD, testService } from '../../../../test/support/sso/test-service.ts';

const RIGHT = { request: 'login', username: 'ada', password: PASSWORD };

test('a disabled account gets the same response as a wrong password, and is counted like one', async () => {
  const { post, stores } = await testService();
  const wrong = await post({ ...RIGHT, username: 'nobody' });
  await stores.accounts.disable(ADA.id, OPERATOR);
  const disabled = await post(RIGHT);
  expect([disabled.statusCode, disabled.body]).toEqual([wrong.statusCode, wrong.body]);
  expect(disabled.headers['set-cookie']).toBeUndefined();
  for (let attempt = 1; attempt < 10; attempt += 1) await post(RIGHT);
  expect((await post(RIGHT)).statusCode).toBe(429);
});

test('disabling an account ends all its sessions for steps 2 and 3', async () => {
  const { post, stores, logIn } = await testService();
  const cookie = await logIn();
  await stores.accounts.disable(ADA.id, OPERATOR);
  expect((await post({ request: 'login status' }, { cookie })).json()).toEqual({ status: 'signed out' });
  expect((await post({ request: 'authentication token' }, { cookie })).statusCode).toBe(401);
});

test('an account that is enabled again can sign in with its old password', async () => {
  const { post, stores } = await testService();
  await stores.accounts.disable(ADA.id, OPERATOR);
  await stores.accounts.enable(ADA.id, OPERATOR);
  expect((await post(RIGHT)).statusCode).toBe(200);
});
