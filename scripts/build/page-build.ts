/**
 * Builds the pages: that of foo and lorem, and the SSO service's account page, each into its app's dist/. Run by
 * itself, it builds both anew; the demo builds only where a source is newer than what was built.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../node24.mjs';

export type PageName = 'foo' | 'sso';

/** What each is made of, beyond what both are. */
const sources: Readonly<Record<PageName, readonly string[]>> = {
  foo: ['packages/browser/src', 'packages/react/src'],
  sso: ['packages/browser/src', 'apps/sso/src/account-page', 'apps/sso/src/accounts/password-length.ts'],
};

export const pageNames = Object.keys(sources) as PageName[];

/** The document of a built page. */
export function builtPage(name: PageName): string {
  return join(workspace, 'apps', name, 'dist/index.html');
}

export function buildPage(name: PageName): void {
  const app = join(workspace, 'apps', name);
  const vite = join(app, 'node_modules/vite/bin/vite.js');
  // Whoever asks for it: Vitest, for one, says that it is a test, and the page would be one for developers.
  const env = { ...process.env, NODE_ENV: 'production' };
  const { status } = spawnSync(process.execPath, [vite, 'build'], { cwd: app, env, stdio: 'inherit' });
  if (status !== 0) throw new Error(`The page of apps/${name} could not be built.`);
}

export function buildPagesIfOutdated(names: readonly PageName[] = pageNames): void {
  for (const name of names) if (isOutdated(name)) buildPage(name);
}

function isOutdated(name: PageName): boolean {
  const all = [
    `apps/${name}/page`,
    `apps/${name}/vite.config.ts`,
    'packages/ui/src',
    'packages/protocol/src',
    'scripts/build/compressed.ts',
    'pnpm-lock.yaml',
    ...sources[name],
  ];
  const built = changed(builtPage(name));
  return built === 0 || all.some((source) => newest(join(workspace, source)) > built);
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

if (import.meta.main) for (const name of pageNames) buildPage(name);
