/** The second browser of the end-to-end tests: the Firefox that the system already has. */
import { spawnSync } from 'node:child_process';
import { findOnPath } from './browser.ts';

export type Firefox = { readonly executable: string; readonly version: string };

export const NO_FIREFOX =
  'Firefox is missing: install it (firefox-esr on Debian), or set E2E_FIREFOX to the path of one.';

/** Finds the Firefox that E2E_FIREFOX names or else the system's. Returns null if there is none. */
export function findFirefox(): Firefox | null {
  const named = process.env['E2E_FIREFOX'];
  const executable = named || findOnPath('firefox-esr', 'firefox');
  const version = executable && readVersion(executable);
  if (executable && version) return { executable, version };
  if (named) throw new Error(`E2E_FIREFOX is ${named}, which isn't a Firefox that starts.`);
  return null;
}

/** Returns null also for a script on PATH that only explains how to install Firefox. */
function readVersion(executable: string): string | null {
  const { status, stdout } = spawnSync(executable, ['--version'], { encoding: 'utf8' });
  return status === 0 ? (/^Mozilla Firefox .+$/m.exec(stdout)?.[0] ?? null) : null;
}
