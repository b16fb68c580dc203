/**
 * A person loses the device with their passkey. A recovery code lets them in; an invitation lets them start
 * anew.
 */
import { expect, test, WITHIN_10_S } from '../account-test.ts';
import { invite } from '../administration.ts';
import { AppPage } from '../app-page.ts';
import { AuthenticatorApp } from '../authenticator-app.ts';
import { VirtualAuthenticator } from '../virtual-authenticator.ts';

const NEW_PASSWORD = 'the moth has left the relay';

test('a person who lost their passkey gets in with a recovery code, and back in charge by an invitation', {
  tag: '@scheme',
}, async ({ account, elsewhere, site, somebody }) => {
  const old = await VirtualAuthenticator.add(account.page);
  await (await account.open(site.sso.origin)).signIn(somebody);
  const { recoveryCodes } = await AuthenticatorApp.addTo(account);
  const adding = account.addPasskey(old, 'The lost laptop');
  await account.reauthenticate(somebody.password, recoveryCodes[1] ?? '');
  await adding;
  await account.signOut();

  // On another device, without the passkey and the phone.
  const { page } = elsewhere;
  const current = await VirtualAuthenticator.add(page);
  const foo = new AppPage(page);
  await foo.open(site.foo.origin);
  await foo.fill(somebody);
  await foo.signInButton.click();
  await page.getByRole('button', { name: 'Use a recovery code' }).click();
  await page.keyboard.type(recoveryCodes[0] ?? '');
  await page.keyboard.press('Enter');
  await foo.showsSignedIn(somebody);

  // The code isn't the strongest factor of the account, so it changes nothing there.
  await (await elsewhere.open(site.sso.origin)).showsSignedIn(somebody);
  await page.getByRole('button', { name: 'Remove The lost laptop' }).click();
  await page.getByRole('button', { name: 'Remove the passkey' }).click();
  const { reauthentication } = elsewhere;
  await current.confirming(async () => {
    await elsewhere.passkeyButton.click();
    await expect(reauthentication.getByRole('alert')).toContainText('No passkey was used');
  });
  await expect(reauthentication).toContainText('an invitation');
  await page.keyboard.press('Escape');
  await expect(elsewhere.passkeys).toHaveText(/The lost laptop/);

  await page.goto(invite(site, somebody.username));
  await elsewhere.newPassword.fill(NEW_PASSWORD);
  await page.keyboard.press('Enter');
  await elsewhere.showsSignedIn(somebody);
  await expect(elsewhere.passkeys).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Authenticator app' })).toContainText('Off');
  await elsewhere.addPasskey(current, 'The new laptop');
  await elsewhere.signOut();

  await foo.open(site.foo.origin);
  await expect.poll(() => foo.sessionStatus(), WITHIN_10_S).toBe('signed out'); // Foo hears of it.
  await foo.open(site.foo.origin);
  await current.isOffered();
  await current.confirming(async () => {
    await foo.passkeyButton.click();
    await foo.showsSignedIn(somebody);
  });

  // The finder of the lost device can't sign in.
  const finder = new AppPage(account.page);
  await old.confirming(async () => {
    await finder.open(site.foo.origin);
    await expect(finder.alert).toHaveText(/That passkey wasn’t accepted/);
  });
  await finder.showsForm();
});
