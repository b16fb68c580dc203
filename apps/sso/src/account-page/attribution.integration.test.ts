/** How the log of a running service names the client of the account page. */
import { expect, test } from 'vitest';
import { running } from '../../../../test/support/sso/running-service.ts';
import { PASSWORD, SSO } from '../../../../test/support/sso/test-service.ts';
import { ACCOUNT_PATHS } from './paths.ts';

interface Line {
  route?: string;
  status?: number;
  address?: string;
  accountId?: string;
}

test('account-page requests are logged with their client and account, once known [T-FLOOD-03]', async () => {
  const { url, child, post, logIn } = await running();
  const lines: Line[] = [];
  let printed = '';
  child.stdout.on('data', (text: string) => {
    printed += text;
    lines.push(
      ...text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line),
    );
  });
  const [cookie = ''] = (await logIn()).headers.getSetCookie();
  const { account } = (await (await post({ request: 'login status' }, cookie)).json()) as {
    account: { id: string };
  };
  const headers = { origin: SSO, cookie };
  await fetch(`${url}${ACCOUNT_PATHS.overview}`, { headers });
  await fetch(`${url}${ACCOUNT_PATHS.sessions}/unknown`, { method: 'DELETE', headers });
  await fetch(`${url}${ACCOUNT_PATHS.overview}`);
  await fetch(`${url}${ACCOUNT_PATHS.login}`, {
    method: 'POST',
    headers: { origin: SSO, 'content-type': 'application/json' },
    body: JSON.stringify({ username: `${PASSWORD}, in the wrong field`, password: 'x' }),
  });
  await expect.poll(() => lines.filter(({ route }) => route?.startsWith('/account/')).length).toBe(4);
  const about = lines.filter(({ route }) => route?.startsWith('/account/'));
  expect(about.map(({ route, status, address, accountId }) => [route, status, address, accountId])).toEqual([
    [ACCOUNT_PATHS.overview, 200, '127.0.0.1', account.id],
    [`${ACCOUNT_PATHS.sessions}/:sid`, 404, '127.0.0.1', account.id],
    [ACCOUNT_PATHS.overview, 200, '127.0.0.1', undefined],
    [ACCOUNT_PATHS.login, 401, '127.0.0.1', undefined],
  ]);
  expect(printed).not.toContain(PASSWORD);
  expect(printed).not.toContain(cookie.slice(cookie.indexOf('=') + 1, cookie.indexOf(';')));
});
