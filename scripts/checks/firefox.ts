/**
 * The second engine of the end-to-end tests: the Firefox of the system, which is not installed here. Without one, the
 * stories that it tells are left out, and whoever runs them is told.
 */
import { spawnSync } from 'node:child_process';
import { onPath } from './browser.ts';

export type Firefox = { readonly executable: string; readonly version: string };

/** What is said where there is none. */
export const NO_FIREFOX =
  'There is no Firefox here, so the stories in Firefox are left out: install it (in Debian, firefox-esr), or name one in E2E_FIREFOX.';

/** Finds the Firefox that `E2E_FIREFOX` names or, unless it names one, that of the system; null if there is none. */
export function findFirefox(): Firefox | null {
  const named = process.env['E2E_FIREFOX'];
  const executable = named || onPath('firefox-esr', 'firefox');
  const version = executable && versionOf(executable);
  if (executable && version) return { executable, version };
  if (named) throw new Error(`E2E_FIREFOX names ${named}, which is no Firefox that starts.`);
  return null;
}

/** Null also where a script on the path only says how Firefox could be had. */
function versionOf(executable: string): string | null {
  const { status, stdout } = spawnSync(executable, ['--version'], { encoding: 'utf8' });
  return status === 0 ? (/^Mozilla Firefox .+$/m.exec(stdout)?.[0] ?? null) : null;
}
