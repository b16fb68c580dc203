/** Uses a real connection, where a request without a body has no content type either. */
import { expect, test } from 'vitest';
import { running } from '../../../../test/support/sso/running-service.ts';
import { SSO } from '../../../../test/support/sso/test-service.ts';
import { ACCOUNT_PATHS } from './paths.ts';

const JSON_CONTENT = { 'content-type': 'application/json' };

test('the account page’s logout requires an empty JSON object as its body', async () => {
  const { url, post, logIn } = await running();
  const [cookie = ''] = (await logIn()).headers.getSetCookie();
  const logOut = (init: RequestInit) =>
    fetch(`${url}${ACCOUNT_PATHS.logout}`, {
      method: 'POST',
      ...init,
      headers: { origin: SSO, cookie, ...init.headers },
    });
  const status = async () => (await (await post({ request: 'login status' }, cookie)).json()) as unknown;

  expect((await logOut({})).status).toBe(415);
  expect((await logOut({ body: '{}' })).status, 'as text').toBe(415);
  expect((await logOut({ headers: JSON_CONTENT })).status).toBe(400);
  expect(await status()).toMatchObject({ status: 'signed in' });

  const answer = await logOut({ headers: JSON_CONTENT, body: '{}' });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ status: 'signed out' });
  expect(answer.headers.get('set-cookie')).toMatch(/^__Host-sso=; Max-Age=0/);
  expect(await status()).toEqual({ status: 'signed out' });
});
