/**
 * Builds the apps' page, the SSO service's account page and the lab's page, each into its app's dist/. Run as
 * a program, it builds all three. The demo and the tests build a page only if a source is newer.
 */
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../node24.mjs';

export type PageName = 'foo' | 'sso' | 'lab';

export const pageNames: readonly PageName[] = ['foo', 'sso', 'lab'];

/** The document of a built page. */
export function builtPage(name: PageName): string {
  return join(workspace, 'apps', name, 'dist/index.html');
}

export function buildPage(name: PageName): void {
  const app = join(workspace, 'apps', name);
  const vite = join(app, 'node_modules/vite/bin/vite.js');
  // Vitest sets NODE_ENV to `test`, with which Vite would build a page for development.
  const env = { ...process.env, NODE_ENV: 'production' };
  const { status } = spawnSync(process.execPath, [vite, 'build'], { cwd: app, env, stdio: 'inherit' });
  if (status !== 0) throw new Error(`The page of apps/${name} could not be built.`);
}

export function buildPagesIfOutdated(names: readonly PageName[] = pageNames): void {
  for (const name of names) if (isOutdated(name)) buildPage(name);
}

function isOutdated(name: PageName): boolean {
  const patterns = [
    'apps/*/page/**',
    'apps/*/src/**',
    'apps/lab/{cors,exchange,experiments}/**',
    'apps/*/*.ts',
    'packages/**',
    'scripts/build/*',
  ];
  // Folders are included: their time changes when a file in them is removed.
  const sources = globSync([...patterns, 'pnpm-lock.yaml'], {
    cwd: workspace,
    exclude: ['**/node_modules/**'],
  });
  const builtAt = modifiedAt(builtPage(name));
  return sources.some((source) => modifiedAt(join(workspace, source)) > builtAt);
}

function modifiedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

if (import.meta.main) for (const name of pageNames) buildPage(name);
