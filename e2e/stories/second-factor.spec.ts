/** The registry says that an app requires two factors. The person signs in again in place. */
import { expect, test } from '../account-test.ts';
import { AuthenticatorApp } from '../authenticator-app.ts';
import { expectNoAxeViolations } from '../axe.ts';
import { withEntry } from '../changed-registry.ts';

test('an app that requires two factors lets a person with a passkey in, in place', async ({
  account,
  app: lorem,
  site,
  somebody,
}) => {
  const { page } = lorem;
  const authenticator = await account.signInAndAddPasskey(site.sso.origin, somebody);
  await withEntry(site, site.lorem.origin, { secondFactor: true }, async () => {
    await lorem.open(site.lorem.origin);
    await expect(lorem.stepUpForm).toContainText(`You are signed in as ${somebody.displayName}.`);
    await lorem.showsSteps({ 1: 'done', 2: 'done', 3: 'refused' });
    await expectNoAxeViolations(page);

    // The account has no authenticator app, so a password couldn't be enough.
    await expect(lorem.password).toHaveCount(0);
    await expect(lorem.passkeyButton).toBeFocused();
    expect(await lorem.sessionStatus()).toBe('signed out');

    await authenticator.confirming(async () => {
      await lorem.passkeyButton.press('Enter');
      await lorem.showsSignedIn(somebody);
    });
    expect(await lorem.sessionStatus()).toBe('signed in');
  });
});

test('an app that requires two factors lets a person with an authenticator app in, in place', async ({
  account,
  app: lorem,
  site,
  somebody,
}) => {
  // Adding the authenticator app doesn't raise the session, which stays one of a password alone.
  await (await account.open(site.sso.origin)).signIn(somebody);
  const { recoveryCodes } = await AuthenticatorApp.addTo(account);
  await withEntry(site, site.lorem.origin, { secondFactor: true }, async () => {
    await lorem.open(site.lorem.origin);
    await expect(lorem.stepUpForm).toContainText(`You are signed in as ${somebody.displayName}.`);
    await expect(lorem.password).toBeFocused();
    await expect(lorem.passkeyButton, 'the account has no passkey').toHaveCount(0);
    await lorem.password.fill(somebody.password);
    await lorem.stepUpForm.getByLabel('Code').fill(recoveryCodes[0] ?? '');
    await lorem.page.keyboard.press('Enter');
    await lorem.showsSignedIn(somebody);
    expect(await lorem.sessionStatus()).toBe('signed in');
  });
});

test('an app that requires two factors says where to add one to a person who has none', async ({
  app: lorem,
  site,
  somebody,
}) => {
  await withEntry(site, site.lorem.origin, { secondFactor: true }, async () => {
    const { page } = lorem;
    await lorem.open(site.lorem.origin);
    await lorem.fill(somebody);
    await lorem.signInButton.click();
    await expect(page.getByRole('heading', { name: 'A second factor is required' })).toBeVisible();
    const link = page.getByRole('link', { name: 'Add a passkey or an authenticator app' });
    await expect(link).toHaveAttribute('href', `${site.sso.origin}/`);
    await expectNoAxeViolations(page);
    await lorem.signOut();
  });
});
