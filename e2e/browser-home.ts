/**
 * A home folder for a browser that trusts our certificate authorities as a person would make it trust them
 * (scripts/demo/trust.ts), so that no story needs `ignoreHTTPSErrors`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LaunchOptions } from '@playwright/test';
import type { StorySite } from './story-site.ts';

const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

const homeOf = ({ folder }: StorySite) => join(folder, 'home');

export function makeHome(site: StorySite): void {
  trust(join(homeOf(site), '.pki/nssdb'), site.authorityFiles);
}

/** Creates a browser's certificate database in the folder that trusts these authorities. */
export function trust(folder: string, authorityFiles: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  certutil(folder, '-N', '--empty-password');
  for (const [index, file] of authorityFiles.entries()) {
    certutil(folder, '-A', '-t', 'C,,', '-n', `authority ${index}`, '-i', file);
  }
}

/** @param executablePath undefined for Playwright's own browser */
export function launchOptionsFor(site: StorySite, executablePath: string | undefined): LaunchOptions {
  // Chromium's sandbox doesn't work for root.
  const isRoot = process.getuid?.() === 0;
  return {
    ...(executablePath && { executablePath }),
    args: [...quiet, ...(isRoot ? ['--no-sandbox'] : [])],
    env: { ...process.env, HOME: homeOf(site) },
  };
}

function certutil(database: string, ...command: string[]): void {
  execFileSync('certutil', ['-d', `sql:${database}`, ...command]);
}
