/**
 * A stock Firefox with its own home folder and profile, and no preferences except a story's, the one below,
 * and those that Firefox itself sets when it is automated. Puppeteer's `launch` would turn off the blocking
 * of third-party cookies, so this file starts Firefox.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import puppeteer, { type Browser } from 'puppeteer-core';
import { findFirefox, NO_FIREFOX } from '../../scripts/checks/firefox.ts';
import { trust } from '../browser-home.ts';

export interface Firefox {
  browser: Browser;
  stop(): Promise<void>;
}

export type Preferences = Readonly<Record<string, number>>;

/** As in Playwright's stories: without a graphics card, animations cost a fifth of the processor time. */
const COMMON_PREFERENCES: Preferences = { 'ui.prefersReducedMotion': 1 };

// However this process ends, no Firefox is left running.
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * @param folder empty, for the browser's home and profile
 * @param authorityFiles the certificate authorities to trust, as a person would make Firefox trust them
 * @param preferences those that the person has changed
 */
export async function startFirefox(
  folder: string,
  authorityFiles: readonly string[],
  preferences: Preferences = {},
): Promise<Firefox> {
  const found = findFirefox();
  if (found === null) throw new Error(NO_FIREFOX);
  const [home, profile] = [join(folder, 'home'), join(folder, 'profile')];
  mkdirSync(home, { recursive: true });
  trust(profile, authorityFiles);
  const all = { ...COMMON_PREFERENCES, ...preferences };
  const lines = Object.entries(all).map(([name, value]) => `user_pref("${name}", ${value});\n`);
  writeFileSync(join(profile, 'user.js'), lines.join(''));

  const command = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0'];
  const child = spawn(found.executable, command, {
    env: { ...process.env, HOME: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  running.add(child);
  const ended = once(child, 'exit').finally(() => running.delete(child));
  const address = await Promise.race([addressFrom(child), ended.then(() => null)]);
  if (address === null) throw new Error(`${found.version} ended before it could be driven.`);
  const browser = await puppeteer.connect({
    browserWSEndpoint: `${address}/session`,
    protocol: 'webDriverBiDi',
    acceptInsecureCerts: false,
    defaultViewport: null,
  });
  const stop = async () => {
    await browser.close();
    await ended;
  };
  return { browser, stop };
}

/** Finds the address that Firefox listens at in its output. */
function addressFrom(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  if (child.stderr) {
    createInterface(child.stderr).on('line', (line) => {
      const [, address] = /^WebDriver BiDi listening on (ws:\S+)$/.exec(line) ?? [];
      if (address) resolve(address);
    });
  }
  return promise;
}
