/**
 * Installs the dependencies, unless the last installation still matches the lock file. Runs on Node 20 or
 * later with nothing but npm. The commands that follow it in package.json run on Node 24: npm and `node
 * --run` search node_modules/.bin first, which is where the npm package `node` is linked. Each starts it from
 * a shell of its own, since a shell remembers where it found `node` before. Also exports `installIfOutdated`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isNode24, packagedNode, workspace } from './node24.mjs';
import { hasExpectedHash } from './node24-hash.mjs';

const link = join(workspace, 'node_modules/.bin/node');

installIfOutdated(workspace, () => {
  if (existsSync(packagedNode) && !hasExpectedHash(packagedNode)) {
    rmSync(link, { force: true });
    fail(`${packagedNode} differs from the binary that was reviewed, so it is not run.`);
  }
  // npm would run the link as `node` even where it can't run.
  if (!isNode24(packagedNode)) rmSync(link, { force: true });
});
if (!isNode24(packagedNode) && !isNode24('node')) {
  fail(
    `Node 24 is missing: ${packagedNode} isn't installed or can't run on this machine, ` +
      `and this is Node ${process.version}; install Node 24.16 or a later 24 and run this again with it.`,
  );
}

/**
 * @param {string} folder of a pnpm workspace
 * @param {() => void} onInstalled runs before the installation counts as complete
 */
export function installIfOutdated(folder, onInstalled = () => {}) {
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'];
  const wanted = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  const stampFile = join(folder, 'node_modules/.installed');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  install(folder);
  onInstalled();
  writeFileSync(stampFile, wanted);
}

/** @param {string} folder */
function install(folder) {
  const { packageManager } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8'));
  console.log(`Installing the dependencies with ${packageManager}`);
  const { status } = spawnSync('npx', ['-y', packageManager, 'install', '--frozen-lockfile'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
    // CI suppresses prompts. NODE_ENV=production would leave out the tools.
    env: { ...process.env, CI: 'true', NODE_ENV: 'development' },
  });
  if (status !== 0) {
    fail('pnpm could not install the dependencies: see its message above and docs/troubleshooting.md.');
  }
}

/** @param {string} message */
function fail(message) {
  console.error(message);
  process.exit(1);
}
