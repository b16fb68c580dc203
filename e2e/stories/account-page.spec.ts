/** The account page: sign-in, sign-out, and everything that it shows. */
import { expect, test, WITHIN_10_S } from '../account-test.ts';
import { expectNoAxeViolations } from '../axe.ts';
import { watchForForm } from '../flash-watch.ts';
import { paused } from '../story-site.ts';

test('a person who signs in on the account page is signed in at foo silently', async ({
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

test('a person who signs out on the account page is signed out at the app that they came from', async ({
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
  await expect.poll(() => foo.sessionStatus(), WITHIN_10_S).toBe('signed out');
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
      // All connections are busy, so the sign-out may still wait when the page is left.
      for (let index = 0; index < 6; index += 1) void fetch('/livez', { cache: 'no-store' }).catch(() => {});
      // Runs after React's listener, which is on an inner element.
      addEventListener('click', () => location.assign(elsewhere));
      button.click();
    }, `${site.foo.origin}/livez`);
    await account.page.waitForURL('**/livez');
  });
  await expect.poll(() => foo.sessionStatus(), WITHIN_10_S).toBe('signed out');
});

test('a wrong password is refused on the account page, and the fields keep what was typed', async ({
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

test('an account page in the back/forward cache no longer shows the person', async ({
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
  await expect(account.alert, 'the page shows nothing that could be outdated').toHaveText(
    'The SSO service isn’t responding.Try again in a moment.',
  );
  await site.sso.start();
  await account.tryAgainButton.click();
  await account.showsSignedIn(somebody);
});

test('while the SSO service is down the account page loses nothing, and a retry succeeds', async ({
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
  await expectNoAxeViolations(account.page);
  await site.sso.start();
  await account.tryAgainButton.click();
  await expect(account.otherSessions).toHaveCount(0);
  await expect(alert).toHaveCount(0);
  await expect(account.oldPassword).toHaveValue(somebody.password);
});

test('a person uses the account page with the keyboard alone, and the focus is never lost', async ({
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
  for (const name of ['Add a passkey', 'Add an authenticator app']) {
    await keyboard.press('Tab');
    await expect(account.page.getByRole('button', { name })).toBeFocused();
  }
  await keyboard.press('Tab');
  await expect(account.endAllButton).toBeFocused();
  await keyboard.press('Tab');
  await expect(account.otherSessions.getByRole('button')).toBeFocused();
  await keyboard.press('Enter');
  await expect(account.otherSessions).toHaveCount(0);
  await expect(account.page.getByRole('heading', { name: 'Other sessions' })).toBeFocused();

  await keyboard.press('Tab');
  await expect(account.oldPassword).toBeFocused();
  for (let steps = 0; steps < 3; steps += 1) await keyboard.press('Shift+Tab');
  await expect(account.signOutButton).toBeFocused();
  await keyboard.press('Enter');
  await account.showsForm();
  await expect(account.username).toBeFocused();
});

test('axe finds no violation on the account page: signed out, signed in, and refused', async ({
  account,
  elsewhere,
  site,
  somebody,
}) => {
  await (await elsewhere.open(site.sso.origin)).signIn(somebody);
  await (await account.open(site.sso.origin)).showsForm();
  await expectNoAxeViolations(account.page);
  await account.signIn(somebody);
  await expectNoAxeViolations(account.page);
  await account.changePassword('not the old one at all', 'a new one of many words');
  await expect(account.page.getByText('The old password is wrong.')).toBeVisible();
  await expectNoAxeViolations(account.page);
});
