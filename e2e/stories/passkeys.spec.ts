/** Passkeys: added on the account page, used on every app's page, which never asks for anything typed. */
import { expect, test } from '../account-test.ts';
import { administrate } from '../administration.ts';
import { VirtualAuthenticator } from '../virtual-authenticator.ts';

test('a passkey from the account page signs its person in at foo and at lorem', { tag: '@scheme' }, async ({
  account,
  app,
  site,
  somebody,
}) => {
  const authenticator = await account.signInAndAddPasskey(site.sso.origin, somebody);
  await expect(account.passkeys).toHaveText(/My laptop.*not used yet/);
  await account.signOut();

  for (const { origin } of [site.foo, site.lorem]) {
    await app.open(origin);
    await authenticator.isOffered();
    await authenticator.confirming(async () => {
      await app.passkeyButton.click();
      await app.showsSignedIn(somebody);
    });
    await app.showsSteps({ 5: 'done', 3: 'done', 4: 'done' });
    const step5 = app.page.locator('[data-step="5"]');
    await expect(step5).toContainText('signs a challenge for this app’s page only');
    await app.signOut();
  }
});

test('a person picks a passkey in the autofill of the username field', { tag: '@scheme' }, async ({
  account,
  app,
  site,
  somebody,
}) => {
  const authenticator = await account.signInAndAddPasskey(site.sso.origin, somebody);
  await account.signOut();
  await expect(account.username).toHaveAttribute('autocomplete', 'username webauthn');
  await authenticator.confirming(async () => {
    await app.open(site.foo.origin);
    await app.showsSignedIn(somebody);
  });
  await app.signOut();
  await expect(app.username).toHaveAttribute('autocomplete', 'username webauthn');
});

test('a person signs in on the account page with a passkey, in both ways', async ({
  account,
  site,
  somebody,
}) => {
  const authenticator = await account.signInAndAddPasskey(site.sso.origin, somebody);
  await account.signOutButton.click();
  await authenticator.isOffered();
  await authenticator.confirming(async () => {
    await account.passkeyButton.click();
    await account.showsSignedIn(somebody);
  });
  await authenticator.confirming(async () => {
    const login = account.page.waitForResponse((response) => response.url().endsWith('/account/login'));
    await account.signOutButton.click();
    await login;
    await account.showsSignedIn(somebody);
  });
  await expect(account.passkeys).toHaveText(/last used/);
  await expect(account.page.getByText('Passkey added: My laptop')).toBeVisible();
});

test('a person who signed in with a password confirms with the passkey before removing it', async ({
  account,
  site,
  somebody,
}) => {
  const authenticator = await account.signInAndAddPasskey(site.sso.origin, somebody);
  const remove = account.page.getByRole('button', { name: 'Remove My laptop' });
  await remove.click();
  await expect(account.page.getByText('Remove this passkey?')).toBeFocused();
  await account.page.getByRole('button', { name: 'Keep it' }).click();
  await expect(remove).toBeFocused();
  await remove.click();
  await account.page.getByRole('button', { name: 'Remove the passkey' }).click();
  await authenticator.confirming(async () => {
    await account.passkeyButton.click();
    await expect(account.page.getByRole('status').filter({ hasText: 'Removed: My laptop.' })).toBeVisible();
  });
  await expect(account.passkeys).toHaveCount(0);
  await expect(account.page.getByRole('heading', { name: 'Passkeys' })).toBeFocused();
  await expect(account.page.getByText('Passkey removed: My laptop')).toBeVisible();
  // The page told the browser that the account has no passkeys.
  await expect.poll(() => authenticator.passkeys()).toEqual([]);
});

test('a passkey of a removed account is refused in the autofill, and the browser forgets it', async ({
  account,
  app,
  site,
  somebody,
}) => {
  const authenticator = await account.signInAndAddPasskey(site.sso.origin, somebody);
  await account.signOut();
  administrate(site, ['account', 'remove', somebody.username]);
  await authenticator.confirming(async () => {
    await app.open(site.foo.origin);
    await expect(app.alert).toHaveText(/That passkey wasn’t accepted/);
  });
  await app.showsForm();
  await expect.poll(() => authenticator.passkeys()).toEqual([]);
});

test('without a passkey on the device, the form says so and the password still works', async ({
  app,
  site,
  somebody,
}) => {
  const authenticator = await VirtualAuthenticator.add(app.page);
  await app.open(site.foo.origin);
  await authenticator.isOffered();
  await authenticator.confirming(async () => {
    await app.passkeyButton.click();
    await expect(app.alert).toHaveText(/No passkey was used/);
  });
  await app.signIn(somebody);
});

test('no app’s page can create a passkey [T-PASSKEY-13]', { tag: '@scheme' }, async ({ app, site }) => {
  const authenticator = await VirtualAuthenticator.add(app.page);
  await app.open(site.foo.origin);
  const outcome = await authenticator.confirming(() =>
    app.page.evaluate(async () => {
      const user = { id: new Uint8Array(64), name: 'ada', displayName: 'Ada' };
      const pubKeyCredParams = [{ type: 'public-key' as const, alg: -7 }];
      const options = { challenge: new Uint8Array(16), rp: { name: 'x' }, user, pubKeyCredParams };
      return await navigator.credentials.create({ publicKey: options }).then(
        () => 'created',
        (error) => error.name,
      );
    }),
  );
  expect(outcome).toBe('NotAllowedError');
});
