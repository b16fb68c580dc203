/** The account page's sessions: where a person is signed in, and which sessions they end. */
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { AccountPage } from '../account-page.ts';
import { expect, test, WITHIN_10_S } from '../account-test.ts';
import { AppPage } from '../app-page.ts';

test('a person ends another browser’s session and is signed out at that browser’s app', async ({
  app,
  elsewhere,
  site,
  somebody,
}) => {
  await (await app.open(site.foo.origin)).signIn(somebody);
  await (await elsewhere.open(site.sso.origin)).signIn(somebody);
  await expect(elsewhere.thisSession).toContainText('Chrome on Linux');
  await expect(elsewhere.otherSessions).toHaveCount(1);
  await expect(elsewhere.otherSessions.getByRole('link', { name: 'Foo' })).toHaveAttribute(
    'href',
    site.foo.origin,
  );
  expect(await app.sessionStatus()).toBe('signed in');

  await elsewhere.otherSessions.getByRole('button', { name: /^End/ }).click();
  await expect(elsewhere.otherSessions).toHaveCount(0);
  await expect.poll(() => app.sessionStatus(), WITHIN_10_S).toBe('signed out');
  await app.page.reload();
  await app.showsForm();
  await elsewhere.page.reload();
  await elsewhere.showsSignedIn(somebody);
});

test('a person ends all other sessions and keeps this one', async ({ account, browser, site, somebody }) => {
  const others: AppPage[] = [];
  for (const { origin } of [site.foo, site.lorem]) {
    const other = new AppPage(await (await browser.newContext()).newPage());
    await (await other.open(origin)).signIn(somebody);
    others.push(other);
  }
  await (await account.open(site.sso.origin)).signIn(somebody);
  await expect(account.otherSessions).toHaveCount(2);
  await account.endAllButton.click();
  await expect(
    account.page.getByRole('status').filter({ hasText: 'Ended: 2 other sessions.' }),
  ).toBeVisible();
  await expect(account.otherSessions).toHaveCount(0);
  await expect(account.endAllButton).toHaveCount(0);
  for (const other of others) {
    await expect.poll(() => other.sessionStatus(), WITHIN_10_S).toBe('signed out');
    await other.page.context().close();
  }
  await account.showsSignedIn(somebody);
});

test('a person with many sessions sees the 50 used most recently and can end all others', async ({
  account,
  site,
  somebody,
}) => {
  await (await account.open(site.sso.origin)).signIn(somebody);
  const statuses = await account.page.evaluate(
    async ([path, body]) => {
      const statuses: number[] = [];
      for (let login = 0; login < 51; login += 1) {
        const headers = { 'Content-Type': 'application/json' };
        // Without the cookie, each sign-in starts another session.
        const response = await fetch(path, { method: 'POST', credentials: 'omit', headers, body });
        statuses.push(response.status);
      }
      return statuses;
    },
    [
      ACCOUNT_PATHS.login,
      JSON.stringify({ username: somebody.username, password: somebody.password }),
    ] as const,
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
  await account.page.reload();
  await expect(
    account.page.getByText('You have 52 sessions. The 50 used most recently are shown'),
  ).toBeVisible();
  await expect(account.otherSessions).toHaveCount(49);
  await account.endAllButton.click();
  await expect(
    account.page.getByRole('status').filter({ hasText: 'Ended: 51 other sessions.' }),
  ).toBeVisible();
  await expect(account.otherSessions).toHaveCount(0);
  await expect(account.page.getByText('You have')).toHaveCount(0);
});

test('sessions of one device and address are distinguished by their start', async ({
  account,
  browser,
  site,
  somebody,
}) => {
  for (const times of [1, 2]) {
    const context = await browser.newContext();
    await (await new AccountPage(await context.newPage()).open(site.sso.origin)).signIn(somebody);
    await context.close();
    const second = new Date().getSeconds();
    await expect.poll(() => new Date().getSeconds(), `login ${times} is over`).not.toBe(second);
  }
  await (await account.open(site.sso.origin)).signIn(somebody);
  await expect(account.otherSessions).toHaveCount(2);
  const names = await account.otherSessions.getByRole('button').allTextContents();
  for (const name of names) {
    expect(name).toMatch(/^End the session Chrome on Linux, [\d.:a-f]+, started \w+ at \d\d:\d\d:\d\d$/);
  }
  expect(new Set(names).size).toBe(2);
});
