/**
 * `pnpm e2e:compose`: the demo in containers, as a person, an operator and an intruder meet it; then the SSO
 * service in production. Signs in at foo with a browser, is signed in at lorem without a password, still is
 * at both after the SSO service and foo were restarted, and is signed out at both by one of them.
 */
import assert from 'node:assert/strict';
import { type BrowserContext, chromium, expect, type Page } from '@playwright/test';
import { demoAccounts } from '../site/demo-accounts.ts';
import { findBrowser } from './browser.ts';
import { administrate } from './containers/administration.ts';
import { compose, servers } from './containers/compose.ts';
import { checkProduction } from './containers/production.ts';
import { scanDemo } from './containers/scan.ts';

const foo = 'http://foo.app.example.localhost:4001';
const lorem = 'http://lorem.app.example.localhost:4002';
const [ada] = demoAccounts;
const expectInTime = expect.configure({ timeout: 15_000 });

try {
  compose('down', '--volumes');
  compose('up', '--build', '--detach');
  compose('up', '--no-recreate', '--wait', ...servers);
  compose('wait', 'accounts');
  scanDemo();
  const browser = await chromium.launch({ executablePath: findBrowser() });
  await tellTheStory(await browser.newContext()).finally(() => browser.close());
  administrate();
  console.log('\nThe demo in containers works.');
  compose('down', '--volumes');
  await checkProduction();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  compose('down', '--volumes');
}

async function tellTheStory(context: BrowserContext): Promise<void> {
  const [fooPage, loremPage] = [await context.newPage(), await context.newPage()];

  await fooPage.goto(foo);
  await fooPage.getByLabel('Username').fill(ada.username);
  await fooPage.getByLabel('Password', { exact: true }).fill(ada.password);
  await fooPage.getByRole('button', { name: 'Sign in' }).click();
  await isSignedIn(fooPage, 'at foo, with a password');

  await loremPage.goto(lorem);
  await isSignedIn(loremPage, 'at lorem, without one');

  restart('sso');
  await fooPage.reload();
  await isSignedIn(fooPage, 'at foo, after the SSO service was restarted');
  // Without its app session, lorem must ask the SSO service.
  const status = await loremPage.evaluate(async () => (await fetch('/session', { method: 'DELETE' })).status);
  assert.equal(status, 200);
  await loremPage.reload();
  await isSignedIn(loremPage, 'at lorem, by an SSO session from before the restart');

  restart('foo');
  await fooPage.reload();
  await isSignedIn(fooPage, 'at foo, after foo was restarted');

  // No page of lorem is open that could ask: its server must have been told.
  await loremPage.goto(`${lorem}/livez`);
  assert.equal(await standingAt(loremPage), 'signed in');
  await fooPage.getByRole('button', { name: 'Sign out' }).click();
  await expectInTime(fooPage.getByLabel('Password', { exact: true })).toBeVisible();
  await expect.poll(() => standingAt(loremPage), { timeout: 5000 }).toBe('signed out');
  console.log(`${ada.displayName} is signed out at foo, and at lorem, which was told by the SSO service.`);
}

async function isSignedIn(page: Page, where: string): Promise<void> {
  await expectInTime(page.getByText(ada.displayName).first()).toBeVisible();
  await expectInTime(page.getByLabel('Password', { exact: true })).toHaveCount(0);
  console.log(`${ada.displayName} is signed in ${where}.`);
}

/** What the app's server says about whoever looks at one of its documents. */
async function standingAt(page: Page): Promise<string> {
  return JSON.parse(await page.evaluate(async () => (await fetch('/session')).text())).status;
}

function restart(server: string): void {
  compose('restart', server);
  compose('up', '--no-recreate', '--wait', ...servers);
}
