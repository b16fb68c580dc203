/**
 * Installs the dependencies when they are not what the lock file says, and does nothing otherwise, so that a
 * second start is quick. Runs on any Node from 20 up and npm, before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isNode24, packagedNode, workspace } from './node24.mjs';
import { isTheNodeThatWasChosen } from './node24-hash.mjs';

const stampFile = join(workspace, 'node_modules/.installed');

export function installWhatIsMissing() {
  const wanted = fingerprint();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;

  const { packageManager } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8'));
  console.log(`Installing the dependencies with ${packageManager}`);
  const { status } = spawnSync('npx', ['-y', packageManager, 'install', '--frozen-lockfile'], {
    cwd: workspace,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
    // Nobody is asked anything, and NODE_ENV=production would leave out the tools.
    env: { ...process.env, CI: 'true', NODE_ENV: 'development' },
  });
  if (status !== 0) {
    console.error(
      'The dependencies could not be installed; what pnpm said is above. ' +
        'docs/troubleshooting.md says what helps.',
    );
    process.exit(1);
  }
  if (existsSync(packagedNode) && !isTheNodeThatWasChosen(packagedNode)) {
    console.error(`${packagedNode} is not what it was when its version was chosen: it is not run.`);
    process.exit(1);
  }
  // npm searches this folder first for the `node` of a script: one that can't run would hide the one that
  // can.
  if (!isNode24(packagedNode)) rmSync(join(workspace, 'node_modules/.bin/node'), { force: true });
  writeFileSync(stampFile, wanted);
}

/** Changes whenever another installation is wanted. */
function fingerprint() {
  const folders = ['apps', 'packages'].flatMap((parent) =>
    readdirSync(join(workspace, parent)).map((name) => join(parent, name)),
  );
  const manifests = ['.', 'test', 'e2e', ...folders].map((folder) => join(folder, 'package.json')).sort();
  const hash = createHash('sha256');
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]) {
    const path = join(workspace, file);
    if (existsSync(path)) hash.update(`${file}\n`).update(readFileSync(path)).update('\n');
  }
  return hash.digest('hex');
}
