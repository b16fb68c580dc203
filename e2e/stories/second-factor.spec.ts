/** The registry says that an app requires two factors. The person signs in again in place. */
import { expect, test } from '../account-test.ts';
import { addSomebody } from '../administration.ts';
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
    const form = page.getByRole('form', { name: 'Confirm that it’s you' });
    await expect(form).toContainText(`You are signed in as ${somebody.displayName}.`);
    await lorem.showsSteps({ 1: 'done', 2: 'done', 3: 'refused' });
    await expectNoAxeViolations(page);

    // The account has no authenticator app, so a password couldn't be enough.
    await expect(lorem.password).toHaveCount(0);
    const button = form.getByRole('button', { name: 'Sign in with a passkey' });
    await expect(button).toBeFocused();
    expect(await lorem.sessionStatus()).toBe('signed out');

    await authenticator.confirming(async () => {
      await button.press('Enter');
      await lorem.showsSignedIn(somebody);
    });
    expect(await lorem.sessionStatus()).toBe('signed in');
  });
});

test('an app that requires two factors says where to add one to a person who has none', async ({
  app: lorem,
  site,
}) => {
  const somebody = await addSomebody(site);
  await withEntry(site, site.lorem.origin, { secondFactor: true }, async () => {
    const { page } = lorem;
    await lorem.open(site.lorem.origin);
    await lorem.fill(somebody);
    await lorem.signInButton.click();
    await expect(page.getByRole('heading', { name: 'A second factor is required' })).toBeVisible();
    const link = page.getByRole('link', { name: 'Add a passkey or an authenticator app' });
    await expect(link).toHaveAttribute('href', `${site.sso.origin}/`);
    await expectNoAxeViolations(page);
    await lorem.signOutButton.click();
    await lorem.showsForm();
  });
});
