/**
 * The tabs of the account page: a change in one tab shows in the others, and a change elsewhere shows when
 * the tab becomes visible.
 */
import { AccountPage } from '../account-page.ts';
import { expect, test } from '../account-test.ts';
import { giveFocus, takeFocus } from '../window-focus.ts';

test.use({ isFullBrowser: true });

test('a change in one tab of the account page shows in a background tab at once', async ({
  account,
  context,
  elsewhere,
  site,
  somebody,
}) => {
  const newPassword = 'the moth has left the relay';
  await (await elsewhere.open(site.sso.origin)).signIn(somebody);
  await (await account.open(site.sso.origin)).signIn(somebody);
  const other = new AccountPage(await context.newPage());
  await (await other.open(site.sso.origin)).showsSignedIn(somebody);
  await expect(other.otherSessions).toHaveCount(1);
  await account.otherSessions.getByRole('button').click();
  await expect(other.otherSessions, 'an ended session').toHaveCount(0);

  await elsewhere.page.reload();
  await elsewhere.signIn(somebody);
  await other.page.reload();
  await expect(other.otherSessions).toHaveCount(1);
  await account.changePassword(somebody.password, newPassword);
  await expect(other.otherSessions, 'the sessions that the new password ended').toHaveCount(0);

  await account.signOutButton.click();
  await expect(account.form).toContainText('You are signed out here.');
  await expect(other.form).toContainText('Your SSO session has ended.');
  await account.signIn({ ...somebody, password: newPassword });
  await other.showsSignedIn(somebody);
});

test('a session that was ended elsewhere disappears when the account page becomes visible again', async ({
  elsewhere,
  realTabs,
  site,
  somebody,
}) => {
  const account = new AccountPage(await realTabs.newPage());
  await (await account.open(site.sso.origin)).signIn(somebody);
  await (await realTabs.newPage()).bringToFront();
  await expect.poll(() => account.page.evaluate(() => document.visibilityState)).toBe('hidden');
  await (await elsewhere.open(site.sso.origin)).signIn(somebody);
  await elsewhere.endAllButton.click();
  await expect(elsewhere.otherSessions).toHaveCount(0);
  await account.showsSignedIn(somebody);
  await account.page.bringToFront();
  await expect(account.form).toContainText('Your SSO session has ended.');
  await account.showsForm();
});

test('a session that was ended elsewhere disappears when a visible window gets the focus', {
  tag: '@full',
}, async ({ account, elsewhere, site, somebody }) => {
  await (await account.open(site.sso.origin)).signIn(somebody);
  await takeFocus(account.page);
  await (await elsewhere.open(site.sso.origin)).signIn(somebody);
  await elsewhere.endAllButton.click();
  await expect(elsewhere.otherSessions).toHaveCount(0);
  await account.showsSignedIn(somebody);
  const asked: string[] = [];
  account.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await account.page.evaluate(() => {
    addEventListener('focus', () => dispatchEvent(new Event('focus')), { once: true });
  });
  await giveFocus(account.page);
  await expect(account.form).toContainText('Your SSO session has ended.');
  const overviews = asked.filter((path) => path === '/account/overview');
  expect(overviews, 'one request for two focus events').toHaveLength(1);
});
