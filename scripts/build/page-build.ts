/**
 * Builds the page of foo and lorem into apps/foo/dist. Run by itself, it builds anew; the demo builds only
 * when a source is newer than what was built.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../node24.mjs';

const app = join(workspace, 'apps/foo');
const sources = [
  'apps/foo/page',
  'apps/foo/vite.config.ts',
  'packages/browser/src',
  'packages/protocol/src',
  'packages/react/src',
  'pnpm-lock.yaml',
];

export const builtPage = join(app, 'dist/index.html');

export function buildPage(): void {
  const vite = join(app, 'node_modules/vite/bin/vite.js');
  const { status } = spawnSync(process.execPath, [vite, 'build'], { cwd: app, stdio: 'inherit' });
  if (status !== 0) throw new Error('The page could not be built.');
}

export function buildPageIfOutdated(): void {
  const built = changed(builtPage);
  if (built === 0 || sources.some((source) => newest(join(workspace, source)) > built)) buildPage();
}

/** When a file or anything in a folder last changed; a folder changes, too, when something in it goes. */
function newest(path: string): number {
  const within = statSync(path, { throwIfNoEntry: false })?.isDirectory()
    ? readdirSync(path, { recursive: true, encoding: 'utf8' })
    : [];
  return Math.max(changed(path), ...within.map((name) => changed(join(path, name))));
}

function changed(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

if (import.meta.main) buildPage();
