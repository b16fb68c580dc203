/** examples/plain-page as its readers run it: in another folder, with our packages installed by npm. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type Page } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packPackages } from '../build/packages-build.ts';
import { createSealingKey } from '../containers/demo-secrets.ts';
import { workspace } from '../node24.mjs';
import { addDemoAccounts, demoAccounts } from '../site/demo-accounts.ts';
import { freePorts } from '../site/ports.ts';
import { SiteProcess } from '../site/site-process.ts';
import {
  addressOf,
  databaseOf,
  environmentOf,
  originOf,
  registryFileOf,
  type SiteSettings,
  sealingKeyFileOf,
} from '../site/site-settings.ts';
import { findBrowser } from './browser.ts';

const [ada, grace] = demoAccounts;
const folder = mkdtempSync(join(tmpdir(), 'example-'));
const example = join(folder, 'bar');
const ports = await freePorts();
const settings: SiteSettings = { scheme: 'http', ports, folder, certificates: null };
const ssoAddress = addressOf(settings, 'sso');
const address = `http://127.0.0.1:${ports.foo}`;
const origin = `http://bar.app.example.localhost:${ports.foo}`;

const sso = new SiteProcess({
  name: 'sso',
  origin: originOf(settings, 'sso'),
  address: ssoAddress,
  authorityFile: null,
  logFile: join(folder, 'sso.log'),
  command: ['apps/sso/src/main.ts'],
  environment: environmentOf(settings, 'sso'),
});
let server: ChildProcess | undefined;

beforeAll(async () => {
  const tarballs = join(folder, 'tarballs');
  packPackages(tarballs);
  for (const name of ['package.json', 'server.js', 'page']) {
    cpSync(join(workspace, 'examples/plain-page', name), join(example, name), { recursive: true });
  }
  for (const file of ['server.js', 'page/page.js']) useFreePorts(join(example, file));
  run('npm', [
    'install',
    '--ignore-scripts',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    ...readdirSync(tarballs).map((name) => join(tarballs, name)),
  ]);

  register({});
  createSealingKey(sealingKeyFileOf(settings));
  await addDemoAccounts(databaseOf(settings, 'sso'));
  await sso.start();
  server = spawn(process.execPath, ['server.js'], { cwd: example, stdio: ['ignore', 'inherit', 'inherit'] });
  await waitUntilReady(server);
}, 90_000);

afterAll(async () => {
  server?.kill();
  await sso.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}, 20_000);

test('the example server exchanges a token for a session and protects its route', async () => {
  expect((await fetch(`${address}/greeting`)).status).toBe(401);

  const login = await logIn();
  expect(login.headers.get('access-control-allow-origin')).toBe(origin);
  const { token } = (await (await fetchToken(login)).json()) as { token: string };

  const session = await post(address, '/session', { token });
  expect(session.status).toBe(201);
  const greeting = await fetch(`${address}/greeting`, { headers: { Cookie: cookieOf(session) } });
  expect(await greeting.json()).toEqual({ greeting: 'Hello, Ada Lovelace!' });
  expect((await post(address, '/session', { token })).status).toBe(401);
});

test('the example page signs in and out, shows no account once hidden, and causes no errors', async () => {
  await withPage(async (page) => {
    const errors: string[] = [];
    page.on('console', (message) => {
      const isMissingIcon = message.location().url.endsWith('/favicon.ico');
      if (message.type() === 'error' && !isMissingIcon) errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(error.message));
    await signIn(page);
    await page.reload();
    await page.getByText('Hello, Ada Lovelace!').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Username').waitFor();

    // The page is hidden while the greeting is on its way, so the greeting arrives too late.
    await page.evaluate(`
      const hide = () => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      const originalFetch = fetch;
      globalThis.fetch = (...args) =>
        originalFetch(...args).finally(() => args[0] === '/greeting' && hide());
    `);
    await submit(page);
    await expect.poll(() => page.locator('[name=password]').inputValue(), { timeout: 5000 }).toBe('');
    expect(await page.getByText('Ada').count()).toBe(0);
    expect(await page.getByRole('button').count(), 'Sign out').toBe(0);
    expect(errors).toEqual([]);
  });
}, 30_000);

test('the example page says that somebody else has signed in with the same browser', async () => {
  await withPage(async (page) => {
    await signIn(page);
    // Another tab signs in as somebody else; then the page checks again.
    await page.evaluate(`(async () => {
      const { createSso } = await import('/sso/index.js');
      const sso = createSso({ ssoOrigin: '${originOf(settings, 'sso')}' });
      await sso.signInWithPassword('${grace.username}', '${grace.password}');
      dispatchEvent(new Event('online'));
    })()`);
    await page.getByText('Hello, Grace Hopper!').waitFor();
    const notice = await page.getByRole('status').textContent();
    expect(notice).toBe('Another person has signed in. This page was showing Ada Lovelace.');
  });
}, 30_000);

test('the example page says that the browser blocks cookies', async () => {
  const profile = join(folder, 'blocking');
  mkdirSync(join(profile, 'Default'), { recursive: true });
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, { executablePath: findBrowser() });
  try {
    const [page = await context.newPage()] = context.pages();
    await page.goto(origin);
    await page.getByRole('alert').getByText('This browser blocks cookies for this site.').waitFor();
    expect(await page.getByLabel('Password').count()).toBe(1);
    expect(await page.getByLabel('Password').isVisible()).toBe(false);
  } finally {
    await context.close();
  }
}, 30_000);

test.each([
  ['secondFactor', { secondFactor: true }, 'This app requires a second factor', true],
  ['groups', { groups: ['nobody'] }, 'You don’t have access to this app.', false],
])(
  'the example page hides a person whom a new %s of the app shuts out, and says why',
  async (...row) => {
    const [, demands, reason, mayRetry] = row;
    await withPage(async (page) => {
      await signIn(page);
      register(demands);
      try {
        const alert = page.getByRole('alert').getByText(`You are signed in as Ada Lovelace. ${reason}`);
        await expect
          .poll(() => page.evaluate(`dispatchEvent(new Event('online'))`).then(() => alert.count()), {
            timeout: 10_000,
          })
          .toBe(1);
        expect(await page.getByText('Hello').count()).toBe(0);
        expect(await page.getByLabel('Password').isVisible()).toBe(mayRetry);
        expect(await page.getByRole('button', { name: 'Sign in with a passkey' }).isVisible()).toBe(mayRetry);
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByLabel('Password').waitFor();
        await expect.poll(() => page.getByRole('alert').textContent()).toBe('');
      } finally {
        register({});
        const login = await logIn();
        const isAdmitted = async () => (await fetchToken(login)).ok;
        await expect.poll(isAdmitted, { timeout: 5000 }).toBe(true);
      }
    });
  },
  30_000,
);

test('the example page signs out while the SSO service is down, and says that it is incomplete', async () => {
  await withPage(async (page) => {
    await signIn(page);
    await sso.stop();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('alert').getByText('You are signed out here.').waitFor();
    expect(await page.evaluate(`fetch('/session').then((response) => response.json())`)).toEqual({
      status: 'signed out',
    });
  });
}, 30_000);

test('the example server compiles in strict mode with the types of the packages', () => {
  const tsc = join(workspace, 'node_modules/typescript/bin/tsc');
  const nodeTypes = ['--typeRoots', join(workspace, 'node_modules/@types'), '--types', 'node'];
  const options = ['--noEmit', '--checkJs', '--strict', '--skipLibCheck', '--module', 'nodenext'];
  run(process.execPath, [tsc, ...options, '--target', 'es2024', ...nodeTypes, 'server.js']);
}, 20_000);

/** A running SSO service reads the registry again within a second. */
function register(demands: object): void {
  const app = { origin, name: 'Bar', server: address, ...demands };
  writeFileSync(registryFileOf(settings), JSON.stringify([app]));
}

async function withPage(use: (page: Page) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: findBrowser() });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(5000);
    await use(page);
  } finally {
    await browser.close();
  }
}

async function signIn(page: Page): Promise<void> {
  await page.goto(origin);
  await submit(page);
  await page.getByText('Hello, Ada Lovelace!').waitFor();
}

async function submit(page: Page): Promise<void> {
  await page.getByLabel('Username').fill(ada.username);
  await page.getByLabel('Password').fill(ada.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Replaces the demo's ports, which the example uses, with free ones. */
function useFreePorts(file: string): void {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll('4000', String(ports.sso)).replaceAll('4003', String(ports.foo)));
}

/** Runs a command in the example. */
function run(command: string, args: string[]): void {
  const shell = process.platform === 'win32' && command === 'npm';
  const { status } = spawnSync(command, args, { cwd: example, stdio: 'inherit', timeout: 60_000, shell });
  expect(status).toBe(0);
}

async function waitUntilReady(child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (
    !(await fetch(`${address}/session`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error('The example does not start.');
    await delay(50);
  }
}

function logIn(): Promise<Response> {
  const { username, password } = ada;
  return post(ssoAddress, '/', { request: 'login', username, password });
}

function fetchToken(login: Response): Promise<Response> {
  return post(ssoAddress, '/', { request: 'authentication token' }, cookieOf(login));
}

/** A request as the example's page sends it. */
function post(server: string, path: string, body: object, cookie = ''): Promise<Response> {
  const headers = { Origin: origin, 'Content-Type': 'application/json', Cookie: cookie };
  return fetch(server + path, { method: 'POST', headers, body: JSON.stringify(body) });
}

function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}
