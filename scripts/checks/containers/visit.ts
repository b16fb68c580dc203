/** What a person does at the demo's apps, in a real browser. */
import { expect, type Page } from '@playwright/test';
import { demoAccounts } from '../../site/demo-accounts.ts';

export const foo = 'http://foo.app.example.localhost:4001';
export const lorem = 'http://lorem.app.example.localhost:4002';
export const [ada] = demoAccounts;
export const expectSoon = expect.configure({ timeout: 15_000 });

export async function signInAtFoo(page: Page): Promise<void> {
  await page.goto(foo);
  await page.getByLabel('Username').fill(ada.username);
  await page.getByLabel('Password', { exact: true }).fill(ada.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expectSignedIn(page, 'at foo, with a password');
}

export async function expectSignedIn(page: Page, where: string): Promise<void> {
  await expectSoon(page.getByText(ada.displayName).first()).toBeVisible();
  await expectSoon(page.getByLabel('Password', { exact: true })).toHaveCount(0);
  console.log(`${ada.displayName} is signed in ${where}.`);
}

/** Ends the app session only, so that the page has to ask the SSO service. */
export async function signInAgainAtLorem(page: Page, where: string): Promise<void> {
  const status = await page.evaluate(async () => (await fetch('/session', { method: 'DELETE' })).status);
  expect(status).toBe(200);
  await page.reload();
  await expectSignedIn(page, where);
}

/** Signs out at foo. No page of lorem is open that could ask, so its server must be notified. */
export async function signOutEverywhere(fooPage: Page, loremPage: Page): Promise<void> {
  await loremPage.goto(`${lorem}/livez`);
  expect(await statusAt(loremPage)).toBe('signed in');
  await fooPage.getByRole('button', { name: 'Sign out' }).click();
  await expectSoon(fooPage.getByLabel('Password', { exact: true })).toBeVisible();
  await expect.poll(() => statusAt(loremPage), { timeout: 5000 }).toBe('signed out');
  console.log(`${ada.displayName} is signed out at foo, and at lorem by the SSO service.`);
}

/** The session status that the app's server reports to the page. */
async function statusAt(page: Page): Promise<string> {
  return JSON.parse(await page.evaluate(async () => (await fetch('/session')).text())).status;
}
