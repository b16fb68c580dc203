/**
 * The browser of the end-to-end tests: what Playwright has, else the system's Chromium, else one is
 * installed; and certutil, by which the tests make that browser trust their certificate authority.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from '@playwright/test';
import { workspace } from '../node24.mjs';

const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Finds or installs a browser and says which; returns the environment that tells the tests. Empty:
 * Playwright's own.
 */
export function findBrowser(): { E2E_CHROMIUM: string } {
  const executable = process.env['E2E_CHROMIUM'] || playwrightsOwn() || onPath(...chromiumNames) || install();
  console.log(`The browser is ${executable}`);
  return { E2E_CHROMIUM: executable === playwrightsOwn() ? '' : executable };
}

/** Finds or installs certutil. */
export function requireCertutil(): void {
  if (onPath('certutil')) return;
  installDebianPackage('libnss3-tools');
  if (onPath('certutil')) return;
  throw new Error(
    'certutil of NSS is missing: install libnss3-tools (Debian, Ubuntu), nss-tools (Fedora) or nss (Homebrew).',
  );
}

function install(): string {
  if (playwright('install', 'chromium') && playwrightsOwn()) {
    if (isDebianRoot()) playwright('install-deps', 'chromium');
  } else {
    installDebianPackage('chromium');
  }
  const installed = playwrightsOwn() || onPath(...chromiumNames);
  if (installed) return installed;
  throw new Error('There is no browser, and none could be installed: install Chromium and start again.');
}

function playwright(...command: string[]): boolean {
  const cli = join(workspace, 'node_modules/@playwright/test/cli.js');
  const { status } = spawnSync(process.execPath, [cli, ...command], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000' }, // milliseconds
  });
  return status === 0;
}

function playwrightsOwn(): string | null {
  return existsSync(chromium.executablePath()) ? chromium.executablePath() : null;
}

/** The first of these programs that is on the path. */
export function onPath(...names: string[]): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => existsSync(path)) ?? null;
}

function isDebianRoot(): boolean {
  return process.getuid?.() === 0 && onPath('apt-get') !== null;
}

function installDebianPackage(name: string): void {
  if (!isDebianRoot()) return;
  console.log(`Installing Debian's package ${name}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const command of [['update'], ['install', '-y', '--no-install-recommends', name]]) {
    spawnSync('apt-get', ['-qq', ...command], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
}
