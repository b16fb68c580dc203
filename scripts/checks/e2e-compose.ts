/**
 * `pnpm test:compose`: the demo in containers, for a person, an operator and an intruder; then the SSO
 * service in production. The person signs in at foo and is signed in at lorem without a password, even after
 * the SSO service and foo were restarted. The lab shows the requests. Signing out at foo signs the person out
 * at lorem, even while the lab isn't running.
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
const lab = 'http://lab.example.localhost:4010';
const [ada] = demoAccounts;
const expectSoon = expect.configure({ timeout: 15_000 });

try {
  compose('down', '--volumes');
  compose('up', '--build', '--detach');
  compose('up', '--no-recreate', '--wait', ...servers);
  compose('wait', 'accounts');
  scanDemo();
  const browser = await chromium.launch({ executablePath: findBrowser() });
  await checkStory(await browser.newContext()).finally(() => browser.close());
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

async function checkStory(context: BrowserContext): Promise<void> {
  const [fooPage, loremPage] = [await context.newPage(), await context.newPage()];
  const labPage = await context.newPage();
  await labPage.goto(lab);

  await fooPage.goto(foo);
  await fooPage.getByLabel('Username').fill(ada.username);
  await fooPage.getByLabel('Password', { exact: true }).fill(ada.password);
  await fooPage.getByRole('button', { name: 'Sign in' }).click();
  await expectSignedIn(fooPage, 'at foo, with a password');
  for (const purpose of ['login', 'introspection']) {
    await expectSoon(labPage.locator(`li[data-purpose="${purpose}"][data-status="200"]`)).toHaveCount(1);
  }
  const link = fooPage.getByRole('link', { name: 'Watch every request in the lab' });
  assert.equal(await link.getAttribute('href'), lab);
  console.log('The lab, to which foo links, shows the sign-in and what foo asked the SSO service.');

  await loremPage.goto(lorem);
  await expectSignedIn(loremPage, 'at lorem, without one');

  restart('sso');
  await fooPage.reload();
  await expectSignedIn(fooPage, 'at foo, after the SSO service was restarted');
  // Without an app session, lorem's page has to ask the SSO service.
  const status = await loremPage.evaluate(async () => (await fetch('/session', { method: 'DELETE' })).status);
  assert.equal(status, 200);
  await loremPage.reload();
  await expectSignedIn(loremPage, 'at lorem, by an SSO session from before the restart');

  restart('foo');
  await fooPage.reload();
  await expectSignedIn(fooPage, 'at foo, after foo was restarted');

  compose('stop', 'lab');
  // No page of lorem is open that could ask, so its server must have been notified.
  await loremPage.goto(`${lorem}/livez`);
  assert.equal(await statusAt(loremPage), 'signed in');
  await fooPage.getByRole('button', { name: 'Sign out' }).click();
  await expectSoon(fooPage.getByLabel('Password', { exact: true })).toBeVisible();
  await expect.poll(() => statusAt(loremPage), { timeout: 5000 }).toBe('signed out');
  console.log(`${ada.displayName} is signed out at foo, and at lorem by the SSO service.`);
}

async function expectSignedIn(page: Page, where: string): Promise<void> {
  await expectSoon(page.getByText(ada.displayName).first()).toBeVisible();
  await expectSoon(page.getByLabel('Password', { exact: true })).toHaveCount(0);
  console.log(`${ada.displayName} is signed in ${where}.`);
}

/** The session status that the app's server reports to the page. */
async function statusAt(page: Page): Promise<string> {
  return JSON.parse(await page.evaluate(async () => (await fetch('/session')).text())).status;
}

function restart(server: string): void {
  compose('restart', server);
  compose('up', '--no-recreate', '--wait', ...servers);
}
