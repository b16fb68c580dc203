/** A route demands a recent sign-in with two factors. The person signs in again in place. */
import { expect, test } from '../account-test.ts';
import { addSomebody, type Person } from '../administration.ts';
import type { AppPage } from '../app-page.ts';
import { AuthenticatorApp } from '../authenticator-app.ts';
import { expectNoAxeViolations } from '../axe.ts';
import { watchRequests } from '../request-log.ts';
import { VirtualAuthenticator } from '../virtual-authenticator.ts';

const ONE_FACTOR = 'your account has no authenticator app, so it counted as one factor';

const payslipButtonOn = ({ page }: AppPage) => page.getByRole('button', { name: 'Show my payslip' });
const payslipOn = ({ page }: AppPage) => page.getByRole('figure', { name: 'GET /api/payslip' });

/** The account has no authenticator app, so any code is accepted, and the sign-in counts as one factor. */
async function stepUpWithOneFactor(foo: AppPage, { password }: Person): Promise<void> {
  await foo.password.fill(password);
  await foo.stepUpForm.getByLabel('Code').fill('123456');
  await foo.page.keyboard.press('Enter');
  await expect(foo.stepUpForm).toContainText(ONE_FACTOR);
}

test('a person with one factor learns in place that another one is needed, and where to add it', async ({
  app: foo,
  openLoremAfterFoo,
  site,
  somebody,
}) => {
  const lorem = await openLoremAfterFoo(somebody);
  await lorem.showsSignedIn(somebody);
  const { page } = foo;
  let navigations = 0;
  page.on('framenavigated', () => {
    navigations += 1;
  });
  const [atFoo, atLorem] = [await watchRequests(site, 'foo'), await watchRequests(site, 'lorem')];

  await payslipButtonOn(foo).click();
  await expect(foo.stepUpForm).toBeVisible();
  await expect(foo.password).toBeFocused();
  const link = page.getByRole('link', { name: 'Add a passkey or an authenticator app' });
  await expect(link).toHaveAttribute('href', `${site.sso.origin}/`);

  await foo.password.fill('a wrong password, which is long');
  await page.keyboard.press('Enter');
  await expect(foo.stepUpForm.getByLabel('Code'), 'a password alone isn’t sent').toBeFocused();
  await page.keyboard.type('123456');
  await page.keyboard.press('Enter');
  await expect(foo.stepUpForm.getByRole('alert').last()).toHaveText('The username or the password is wrong.');
  await foo.showsSignedIn(somebody);

  await foo.password.fill(somebody.password);
  await page.keyboard.press('Enter');
  await expect(foo.stepUpForm).toContainText(ONE_FACTOR);
  await expect(foo.password).toHaveCount(0);
  await expect(foo.passkeyButton).toBeFocused();
  await expect(link).toBeVisible();
  await expectNoAxeViolations(page);

  await foo.showsSignedIn(somebody);
  expect(navigations).toBe(0);
  const ofStepUp = (line: string) => / \/(api\/payslip|session)/.test(line);
  expect((await atFoo()).filter(ofStepUp)).toEqual([
    'GET /api/payslip 401',
    'POST /session 201',
    'GET /api/payslip 401',
  ]);
  expect(await atLorem(), 'no other app hears of it').toEqual([]);
  expect(await lorem.sessionStatus()).toBe('signed in');
});

test('a second tab of the app stays signed in when the person confirms in the first', async ({
  app: foo,
  openTab,
  site,
  somebody,
}) => {
  await (await foo.open(site.foo.origin)).signIn(somebody);
  const second = await openTab();
  await (await second.open(site.foo.origin)).showsSignedIn(somebody);
  await payslipButtonOn(foo).click();
  await stepUpWithOneFactor(foo, somebody);
  expect(await second.sessionStatus()).toBe('signed in');
  await payslipButtonOn(second).click();
  await expect(second.stepUpForm).toBeVisible();
});

test('a person who is signed in with a password steps up with a passkey', { tag: '@scheme' }, async ({
  account,
  app: foo,
  site,
  somebody,
}) => {
  const { page } = foo;
  const authenticator = await account.signInAndAddPasskey(site.sso.origin, somebody);
  await (await foo.open(site.foo.origin)).showsSignedIn(somebody);

  await payslipButtonOn(foo).click();
  await authenticator.confirming(async () => {
    await foo.passkeyButton.click();
    await expect(payslipOn(foo)).toContainText('3,141.59');
  });
  await expect(foo.stepUpForm).toHaveCount(0);
  await foo.showsSignedIn(somebody);

  // It lasts as long as the sign-in is recent, in every tab.
  await page.reload();
  await payslipButtonOn(foo).click();
  await expect(payslipOn(foo)).toContainText('3,141.59');
});

test('a person whose password counted as one factor is offered their passkey in the same form', async ({
  account,
  app: foo,
  site,
  somebody,
}) => {
  const { page } = foo;
  const authenticator = await account.signInAndAddPasskey(site.sso.origin, somebody);
  await (await foo.open(site.foo.origin)).showsSignedIn(somebody);
  await payslipButtonOn(foo).click();
  await stepUpWithOneFactor(foo, somebody);
  await authenticator.confirming(async () => {
    await page.keyboard.press('Enter');
    await expect(payslipOn(foo)).toContainText('3,141.59');
  });
  await foo.showsSignedIn(somebody);
});

test('a passkey of another account is refused, and nothing of that account is shown [T-PASSKEY-13]', async ({
  account,
  app: foo,
  openTab,
  site,
  somebody,
}) => {
  const { page } = foo;
  const authenticator = await VirtualAuthenticator.add(page);
  // The simulated person would confirm the autofill of the next form, too.
  await page.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  });
  // As if another page of the site had planted it on this device.
  const planter = await addSomebody(site, 'The Planter');
  await (await account.open(site.sso.origin)).signIn(planter);
  await account.addPasskey(authenticator, somebody.displayName);
  await account.signOut();

  await (await foo.open(site.foo.origin)).signIn(somebody);
  await payslipButtonOn(foo).click();
  const atFoo = await watchRequests(site, 'foo');
  await authenticator.confirming(async () => {
    await foo.passkeyButton.click();
    await expect(page.getByText('That passkey belongs to another account')).toBeVisible();
    await foo.showsForm();
  });
  await expectNoAxeViolations(page);
  await expect(page.locator('body')).not.toContainText(planter.displayName);
  await expect(foo.username).toBeFocused();
  const changes = (await atFoo()).filter((line) => / \/(session|api)/.test(line) && !line.startsWith('GET'));
  expect(changes, 'no token of the other account').toEqual(['DELETE /session 200']);
  const lorem = await openTab();
  await (await lorem.open(site.lorem.origin)).showsForm();

  await foo.signIn(somebody);
  await payslipButtonOn(foo).click();
  await expect(foo.stepUpForm).toBeVisible();
});

test('a person who has no passkey to use is still signed in, and can use the password', async ({
  account,
  app: foo,
  site,
  somebody,
}) => {
  const { page } = foo;
  const authenticator = await VirtualAuthenticator.add(page); // It has no passkey.
  await (await account.open(site.sso.origin)).signIn(somebody);
  await (await foo.open(site.foo.origin)).showsSignedIn(somebody);
  await payslipButtonOn(foo).click();
  await authenticator.confirming(async () => {
    await foo.passkeyButton.click();
    await expect(foo.stepUpForm.getByRole('alert').filter({ hasText: 'No passkey was used.' })).toBeVisible();
  });
  await foo.showsSignedIn(somebody);
  await stepUpWithOneFactor(foo, somebody);
});

test('a person with an authenticator app is asked for a code, and types all of it by keyboard', async ({
  account,
  app: foo,
  site,
  somebody,
}) => {
  const { page } = foo;
  await (await account.open(site.sso.origin)).signIn(somebody);
  const { recoveryCodes } = await AuthenticatorApp.addTo(account);
  await (await foo.open(site.foo.origin)).showsSignedIn(somebody);
  await payslipButtonOn(foo).press('Enter');
  await expect(foo.password).toBeFocused();
  await page.keyboard.type(somebody.password);
  await page.keyboard.press('Enter'); // The browser leads to the field that is still empty.
  const code = foo.stepUpForm.getByLabel('Code');
  await expect(code).toBeFocused();
  await expect(foo.password).toHaveValue(somebody.password);
  await expectNoAxeViolations(page);
  await page.keyboard.type('a wrong code');
  await page.keyboard.press('Enter');
  await expect(code).toHaveAccessibleDescription(/The code is wrong or has already been used\./);
  await expect(code).toBeFocused();
  await page.keyboard.type(recoveryCodes[0] ?? '');
  await page.keyboard.press('Enter');
  await expect(payslipOn(foo)).toContainText('3,141.59');
  await expect(page.locator(':focus')).toContainText('3,141.59');
  await expectNoAxeViolations(page);
});
