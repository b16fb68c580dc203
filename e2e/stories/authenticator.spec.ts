/** A second factor: an authenticator app, and its recovery codes. */
import { encode } from 'uqr';
import type { AccountPage } from '../account-page.ts';
import { expect, test, WITHIN_10_S } from '../account-test.ts';
import { AppPage } from '../app-page.ts';
import { AuthenticatorApp } from '../authenticator-app.ts';
import { expectNoAxeViolations } from '../axe.ts';

// A code works once, so a story may have to wait for the next one.
test.describe.configure({ timeout: 150_000 });

test('a person adds an authenticator app, and signs in at an app with its code, by keyboard', async ({
  account,
  elsewhere,
  site,
  somebody,
}) => {
  await (await elsewhere.open(site.sso.origin)).signIn(somebody);
  await (await account.open(site.sso.origin)).signIn(somebody);
  const { phone } = await AuthenticatorApp.addTo(account);
  await expect(account.page.getByRole('region', { name: 'Authenticator app' })).toContainText('On');
  await expect(account.page.getByText('Authenticator app added')).toBeVisible();
  await expect(account.thisSession).toHaveCount(1);
  await elsewhere.page.reload();
  await elsewhere.showsForm();

  const app = new AppPage(elsewhere.page);
  await (await app.open(site.foo.origin)).showsForm();
  await expect(app.username).toBeFocused();
  await app.page.keyboard.type(somebody.username);
  await app.password.focus();
  await app.page.keyboard.type(somebody.password);
  await app.page.keyboard.press('Enter');
  const code = app.page.getByLabel('Code');
  await expect(code).toBeFocused();
  await expect(code).toHaveAccessibleDescription(/Six digits, from your authenticator app\./);
  await expect(code).toHaveAttribute('autocomplete', 'one-time-code');
  await expect(code).toHaveAttribute('inputmode', 'numeric');
  await expect(app.username).toHaveValue(somebody.username);
  await expect(app.password).toHaveValue(somebody.password);
  await app.page.keyboard.type('000000');
  await app.page.keyboard.press('Enter');
  await expect(code).toHaveAccessibleDescription(
    /The code is wrong or has already been used\. Enter another one\./,
  );
  await expect(code).toBeFocused();
  await app.page.keyboard.type(await phone.nextCode());
  await app.page.keyboard.press('Enter');
  await app.showsSignedIn(somebody);
});

test('a person without their phone signs in with a recovery code, once', { tag: '@scheme' }, async ({
  account,
  elsewhere,
  site,
  somebody,
}) => {
  await (await account.open(site.sso.origin)).signIn(somebody);
  const { recoveryCodes } = await AuthenticatorApp.addTo(account);
  expect(recoveryCodes).toHaveLength(10);
  await elsewhere.open(site.sso.origin);
  const enter = async (text: string) => {
    await elsewhere.fill(somebody);
    await elsewhere.signInButton.click();
    await elsewhere.page.getByRole('button', { name: 'Use a recovery code' }).click();
    await expect(elsewhere.page.getByLabel('Code')).toHaveAttribute('inputmode', 'text');
    await elsewhere.page.keyboard.type(text);
    await elsewhere.page.keyboard.press('Enter');
  };
  await enter(recoveryCodes[0]?.toLowerCase() ?? '');
  await elsewhere.showsSignedIn(somebody);
  await expect(elsewhere.page.getByRole('region', { name: 'Recovery codes' })).toContainText('9 left');
  await elsewhere.signOutButton.click();
  await enter(recoveryCodes[0] ?? '');
  await expect(elsewhere.page.getByLabel('Code')).toHaveAccessibleDescription(
    /wrong or has already been used/,
  );
});

test('a change needs a code in place, and goes on by itself; canceling changes nothing', {
  tag: '@page',
}, async ({ account, site, somebody }) => {
  await (await account.open(site.sso.origin)).signIn(somebody);
  const { phone, recoveryCodes } = await AuthenticatorApp.addTo(account);
  const { reauthentication } = account;
  const button = account.page.getByRole('button', { name: 'Make new codes' });
  await button.click();
  await expect(reauthentication.getByLabel('Password', { exact: true })).toBeFocused();
  await account.page.keyboard.press('Escape');
  await expect(reauthentication).toHaveCount(0);
  await expect(button).toBeFocused();
  await expect(account.alert.filter({ hasText: /./ })).toHaveCount(0);

  await button.click();
  await account.reauthenticate(somebody.password, await phone.nextCode());
  const codes = account.page.locator('.recovery-codes-list code');
  await expect(codes).toHaveCount(10);
  expect(recoveryCodes).not.toContain(await codes.first().textContent());
  const download = account.page.waitForEvent('download');
  await account.page.getByRole('button', { name: 'Download' }).click();
  expect((await download).suggestedFilename()).toBe('recovery-codes-sso.example.localhost.txt');
  await account.page.getByRole('button', { name: 'I have saved them' }).click();

  await account.page.getByRole('button', { name: 'Remove', exact: true }).click();
  await account.page.getByRole('button', { name: 'Remove the app' }).click();
  const region = account.page.getByRole('region', { name: 'Authenticator app' });
  await expect(region.getByRole('status')).toHaveText('Removed. Your password alone now signs you in.');
  await expect(region).toContainText('Off');
  await account.signOutButton.click();
  await account.signIn(somebody);
  await expect(account.page.getByText('Authenticator app removed')).toBeVisible(WITHIN_10_S);
});

test('axe finds no violation while a person adds an authenticator app and is asked for a code', {
  tag: '@page',
}, async ({ account, site, somebody }) => {
  await (await account.open(site.sso.origin)).signIn(somebody);
  await expectNoAxeViolations(account.page);
  await account.page.getByRole('button', { name: 'Add an authenticator app' }).click();
  await account.page.getByText('Can’t scan it?').click();
  await expectKeyAsQrCode(account);
  await expectNoAxeViolations(account.page);
  await account.page.getByRole('button', { name: 'Cancel' }).click();
  await AuthenticatorApp.addTo(account);
  await expectNoAxeViolations(account.page);
  await account.page.getByRole('button', { name: 'Make new codes' }).click();
  await expect(account.reauthentication).toBeVisible();
  await expectNoAxeViolations(account.page);
  await account.page.keyboard.press('Escape');
  await account.page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expectNoAxeViolations(account.page);
  await account.signOutButton.click();
  await account.fill(somebody);
  await account.signInButton.click();
  await expect(account.page.getByLabel('Code')).toBeFocused();
  await expectNoAxeViolations(account.page);
});

/** The QR code encodes the URI of the link beside it, which contains the shown key. */
async function expectKeyAsQrCode({ page }: AccountPage): Promise<void> {
  const uri = (await page.locator('.setup-open').getAttribute('href')) ?? '';
  const key = (await page.locator('.setup-key-text').textContent())?.replaceAll(/\s/g, '') ?? '';
  expect(uri).toMatch(/^otpauth:\/\/totp\//);
  expect(new URL(uri).searchParams.get('secret')).toBe(key);
  const { data, size } = encode(uri, { ecc: 'M', border: 4 });
  const squares = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')));
  await expect(page.locator('.qr-code')).toHaveAttribute('viewBox', `0 0 ${size} ${size}`);
  await expect(page.locator('.qr-code path')).toHaveAttribute('d', squares.join(''));
}
