/**
 * The browsers of the tests: the one that E2E_CHROMIUM names, Playwright's own, or the system's Chromium. Run
 * as a program (`pnpm setup:browser`), it installs a missing browser, and certutil, with which tests make it
 * trust their certificate authority.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from '@playwright/test';

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const HEADLESS_SHELL = 'chromium-headless-shell';
const DOWNLOAD_TIMEOUT_MS = 10_000;

/**
 * Returns a browser without windows: it starts faster, but it hides no tab, keeps no page for the back button
 * and reads no profile.
 *
 * @returns the path of its executable; undefined for Playwright's own
 */
export function findHeadlessBrowser(): string | undefined {
  if (process.env['E2E_CHROMIUM']) return process.env['E2E_CHROMIUM'];
  return existsSync(chromium.executablePath()) ? undefined : (findOnPath(HEADLESS_SHELL) ?? findBrowser());
}

/** Returns the path of the browser that a person would use. */
export function findBrowser(): string {
  const executable = tryFindBrowser();
  if (executable === null) throw new Error('Chromium is missing: run `npm run setup:browser`.');
  return executable;
}

function tryFindBrowser(): string | null {
  if (process.env['E2E_CHROMIUM']) return process.env['E2E_CHROMIUM'];
  if (existsSync(chromium.executablePath())) return chromium.executablePath();
  return findOnPath(...CHROMIUM_NAMES);
}

/** Returns the path of the first of these programs that is on PATH. */
export function findOnPath(...names: string[]): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => existsSync(path)) ?? null;
}

function installBrowser(): void {
  const isInstalled = playwright('install', 'chromium');
  if (!isInstalled) installDebianPackages('chromium', HEADLESS_SHELL);
  else if (isDebianRoot()) playwright('install-deps', 'chromium');
}

function playwright(...command: string[]): boolean {
  const { status } = spawnSync('playwright', command, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: String(DOWNLOAD_TIMEOUT_MS) },
    shell: process.platform === 'win32',
  });
  return status === 0;
}

function installDebianPackages(...names: string[]): void {
  if (!isDebianRoot()) return;
  console.log(`Installing the Debian packages ${names.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const command of [['update'], ['install', '-y', '--no-install-recommends', ...names]]) {
    spawnSync('apt-get', ['-qq', ...command], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

function isDebianRoot(): boolean {
  return process.getuid?.() === 0 && findOnPath('apt-get') !== null;
}

if (import.meta.main) {
  if (tryFindBrowser() === null) installBrowser();
  // Without it, stories run in the full browser and take longer.
  else if (findHeadlessBrowser() === findOnPath(...CHROMIUM_NAMES)) installDebianPackages(HEADLESS_SHELL);
  console.log(`The browser is ${findBrowser()}`);
  if (findOnPath('certutil') === null) installDebianPackages('libnss3-tools');
  if (findOnPath('certutil') === null) {
    console.error(
      'certutil is missing: install libnss3-tools (Debian, Ubuntu), nss-tools (Fedora) or nss (Homebrew).',
    );
    process.exitCode = 1;
  }
}
