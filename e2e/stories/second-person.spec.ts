/**
 * A second person signs in on the same browser: the first person's page says so, so that nobody mistakes
 * the account for theirs.
 */
import { AccountPage } from '../account-page.ts';
import { ada, addSomebody, grace } from '../administration.ts';
import { AuthenticatorApp } from '../authenticator-app.ts';
import { expectNoAxeViolations } from '../axe.ts';
import type { SignInPage } from '../sign-in-page.ts';
import { expect, test } from '../test.ts';

const words = 'Grace Hopper has signed in on this browser. Before that, this page showed Ada Lovelace.';

test('an app’s page that changes to another person says so until that is dismissed [T-PAGE-06]', async ({
  signInAtBoth,
}) => {
  const { lorem, foo } = await signInAtBoth(ada);
  await foo.signOutButton.click();
  await foo.signIn(grace);
  await expect(noticeOn(foo), 'a person who typed a password needs no notice').toHaveCount(0);

  await lorem.page.bringToFront();
  await expectNoticeUntilDismissed(lorem);
});

test('the account page says so when it changes from one person to another', async ({
  realTabs,
  signInAtBoth,
  site,
}) => {
  const { foo } = await signInAtBoth(ada);
  const account = new AccountPage(await realTabs.newPage());
  await (await account.open(site.sso.origin)).showsSignedIn(ada);
  await foo.page.bringToFront();
  await foo.signOutButton.click();
  await foo.signIn(grace);

  await account.page.bringToFront();
  await expectNoticeUntilDismissed(account);
  await account.signOutButton.click();
  await account.signIn(ada);
  await expect(noticeOn(account), 'a person who typed a password needs no notice').toHaveCount(0);
});

test('the account page closes a dialog that waits for a sign-in when it changes to another person', async ({
  realTabs,
  signInAtBoth,
  site,
}) => {
  const somebody = await addSomebody(site);
  const { foo } = await signInAtBoth(somebody);
  const account = new AccountPage(await realTabs.newPage());
  await (await account.open(site.sso.origin)).showsSignedIn(somebody);
  await AuthenticatorApp.addTo(account);
  await account.page.getByRole('button', { name: 'Make new codes' }).click();
  await expect(account.reauthentication).toBeVisible();
  await foo.page.bringToFront();
  await foo.signOutButton.click();
  await foo.signIn(grace);

  await account.page.bringToFront();
  await account.showsSignedIn(grace);
  await expect(account.page.getByRole('dialog')).toHaveCount(0);
});

async function expectNoticeUntilDismissed(tab: SignInPage): Promise<void> {
  await tab.showsSignedIn(grace);
  await expect(noticeOn(tab)).toContainText(words);
  await tab.page.emulateMedia({ reducedMotion: 'reduce' });
  await expectNoAxeViolations(tab.page);
  const dismiss = tab.page.getByRole('button', { name: 'Dismiss' });
  await dismiss.focus();
  await tab.page.keyboard.press('Enter');
  await expect(noticeOn(tab)).toHaveCount(0);
  await expect(tab.page.getByRole('heading', { name: grace.displayName })).toBeFocused();
}

function noticeOn({ page }: SignInPage) {
  return page.getByRole('status').filter({ hasText: 'has signed in on this browser' });
}
