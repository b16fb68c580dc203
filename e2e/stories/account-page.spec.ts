/** The account page: in, out, and all that it shows between them. */
import { expect, SOON, test } from '../account-test.ts';
import { findsNothing } from '../axe.ts';
import { watchForForm } from '../flash-watch.ts';
import { paused } from '../story-site.ts';

// Colours are judged at rest: what fades in passes through paler ones.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('whoever signs in on the account page is signed in at foo without a word', async ({
  account,
  openTab,
  site,
  somebody,
}) => {
  await (await account.open(site.sso.origin)).showsForm();
  await account.signIn(somebody);
  const foo = await openTab();
  const formWasSeen = await watchForForm(foo.page);
  await (await foo.open(site.foo.origin)).showsSignedIn(somebody);
  expect(await formWasSeen()).toBe(false);
  await account.page.reload();
  await expect(account.thisSession.getByRole('link', { name: 'Foo' })).toBeVisible();
});

test('whoever signs out on the account page is signed out at the app they came from', async ({
  account,
  context,
  openTab,
  site,
  somebody,
}) => {
  const foo = await (await openTab()).open(site.foo.origin);
  await foo.signIn(somebody);
  await (await account.open(site.sso.origin)).showsSignedIn(somebody);
  await account.signOutButton.click();
  await expect(account.form).toContainText('You are signed out here.');
  expect((await context.cookies()).filter(({ name }) => name === '__Host-sso')).toEqual([]);
  await expect.poll(() => foo.sessionStatus(), SOON).toBe('signed out');
});

test('a person who signs out on the account page and leaves it on the same click is signed out', async ({
  account,
  openTab,
  site,
  somebody,
}) => {
  const foo = await (await openTab()).open(site.foo.origin);
  await foo.signIn(somebody);
  await (await account.open(site.sso.origin)).showsSignedIn(somebody);
  await paused(site.sso, async () => {
    await account.signOutButton.evaluate((button: HTMLButtonElement, elsewhere) => {
      // The connections are busy, so the sign-out may still wait for one when the page is left.
      for (let index = 0; index < 6; index += 1) void fetch('/livez', { cache: 'no-store' }).catch(() => {});
      // After React, whose listener is further inside.
      addEventListener('click', () => location.assign(elsewhere));
      button.click();
    }, `${site.foo.origin}/livez`);
    await account.page.waitForURL('**/livez');
  });
  await expect.poll(() => foo.sessionStatus(), SOON).toBe('signed out');
});

test('a wrong password is refused on the account page as anywhere, and what was typed stays', async ({
  account,
  site,
  somebody,
}) => {
  await account.open(site.sso.origin);
  await account.fill({ ...somebody, password: 'wrong' });
  await account.signInButton.click();
  await expect(account.alert).toHaveText('The username or the password is wrong.');
  await expect(account.password).toBeFocused();
  await expect(account.username).toHaveValue(somebody.username);
});

test('a page that the browser keeps for the back button forgets whom it showed', async ({
  account,
  site,
  somebody,
}) => {
  await (await account.open(site.sso.origin)).signIn(somebody);
  const kept = await account.page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    return document.body.textContent;
  });
  expect(kept).toContain('Your account');
  expect(kept).not.toContain(somebody.displayName);

  await site.sso.stop();
  await account.page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  });
  await expect(account.alert, 'what is not shown cannot be out of date').toHaveText(
    'The SSO service isn’t responding.Try again in a moment.',
  );
  await site.sso.start();
  await account.tryAgainButton.click();
  await account.showsSignedIn(somebody);
});

test('while the SSO service is away nothing is lost, and trying again does what was wanted', async ({
  account,
  elsewhere,
  site,
  somebody,
}) => {
  await (await elsewhere.open(site.sso.origin)).signIn(somebody);
  await (await account.open(site.sso.origin)).signIn(somebody);
  await account.oldPassword.fill(somebody.password);
  await site.sso.stop();
  await account.endAllButton.click();
  const alert = account.alert.filter({ hasText: 'may still be active' });
  await expect(alert).toContainText('The SSO service isn’t responding.');
  await findsNothing(account.page);
  await site.sso.start();
  await account.tryAgainButton.click();
  await expect(account.otherSessions).toHaveCount(0);
  await expect(alert).toHaveCount(0);
  await expect(account.oldPassword).toHaveValue(somebody.password);
});

test('a person does it all with the keyboard, and the focus is never lost', async ({
  account,
  elsewhere,
  site,
  somebody,
}) => {
  await (await elsewhere.open(site.sso.origin)).signIn(somebody);
  const { keyboard } = account.page;
  await account.open(site.sso.origin);
  await expect(account.username).toBeFocused();
  await keyboard.type(somebody.username);
  await keyboard.press('Tab');
  await keyboard.type(somebody.password);
  await keyboard.press('Enter');
  await account.showsSignedIn(somebody);
  await expect(account.page.getByRole('heading', { name: somebody.displayName })).toBeFocused();

  await keyboard.press('Tab');
  await expect(account.signOutButton).toBeFocused();
  await keyboard.press('Tab');
  await expect(account.endAllButton).toBeFocused();
  await keyboard.press('Tab');
  await expect(account.otherSessions.getByRole('button')).toBeFocused();
  await keyboard.press('Enter');
  await expect(account.otherSessions).toHaveCount(0);
  await expect(account.page.getByRole('heading', { name: 'Other sessions' })).toBeFocused();

  await keyboard.press('Tab');
  await expect(account.oldPassword).toBeFocused();
  await keyboard.press('Shift+Tab');
  await expect(account.signOutButton).toBeFocused();
  await keyboard.press('Enter');
  await account.showsForm();
  await expect(account.username).toBeFocused();
});

test('axe finds nothing on the account page, signed out, signed in and refused', async ({
  account,
  elsewhere,
  site,
  somebody,
}) => {
  await (await elsewhere.open(site.sso.origin)).signIn(somebody);
  await (await account.open(site.sso.origin)).showsForm();
  await findsNothing(account.page);
  await account.signIn(somebody);
  await findsNothing(account.page);
  await account.changePassword('not the old one at all', 'a new one of many words');
  await expect(account.page.getByText('The old password is wrong.')).toBeVisible();
  await findsNothing(account.page);
});
