/**
 * `pnpm e2e:compose`: the demo in containers, as a person meets it. Signs in at foo with a browser, is signed
 * in at lorem without a password, and still is at both after the SSO service and foo were restarted.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { type BrowserContext, chromium, expect, type Page } from '@playwright/test';
import { workspace } from '../node24.mjs';
import { demoAccounts } from '../site/demo-accounts.ts';
import { findBrowser } from './browser.ts';

// A project of its own, so that the volumes of a demo are neither read nor removed.
const project = 'samesite-sso-e2e';
const servers = ['sso', 'foo', 'lorem'];
const foo = 'http://foo.app.example.localhost:4001';
const lorem = 'http://lorem.app.example.localhost:4002';
const [ada] = demoAccounts;
const expectInTime = expect.configure({ timeout: 15_000 });

try {
  const { E2E_CHROMIUM } = findBrowser();
  compose('down', '--volumes');
  compose('up', '--build', '--detach');
  compose('up', '--no-recreate', '--wait', ...servers);
  compose('wait', 'accounts');
  const browser = await chromium.launch(E2E_CHROMIUM ? { executablePath: E2E_CHROMIUM } : {});
  await tellTheStory(await browser.newContext()).finally(() => browser.close());
  console.log('\nThe demo in containers works.');
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
}

async function isSignedIn(page: Page, where: string): Promise<void> {
  await expectInTime(page.getByText(ada.displayName).first()).toBeVisible();
  await expectInTime(page.getByLabel('Password', { exact: true })).toHaveCount(0);
  console.log(`${ada.displayName} is signed in ${where}.`);
}

function restart(server: string): void {
  compose('restart', server);
  compose('up', '--no-recreate', '--wait', ...servers);
}

function compose(...command: string[]): void {
  const { status, error } = spawnSync('docker', ['compose', '--project-name', project, ...command], {
    cwd: workspace,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) throw new Error(`There is no container engine: ${error.message}`);
  if (status !== 0) throw new Error(`\`docker compose ${command.join(' ')}\` ended with status ${status}`);
}
