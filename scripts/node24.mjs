/**
 * Where the workspace is, and the Node 24 that everything in it runs on: the npm package `node`, installed
 * with the other dependencies. Which Node the `node` on PATH is depends on who asks, so nobody here relies on
 * it. Runs on any Node from 20 up.
 */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspace = fileURLToPath(new URL('..', import.meta.url));

/** The binary of the npm package, which may be missing. */
export const packagedNode = join(
  workspace,
  'node_modules/node/bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

/** From 24.3 on, Node runs TypeScript without a warning on standard error. */
const SUITABLE = /^v24\.(?:[3-9]|\d\d)/;

/**
 * Whether the file is a Node 24 that runs on this machine. The binary of the npm package needs glibc at its
 * usual place, which Alpine and NixOS don't have, and an install script, which `ignore-scripts` suppresses.
 *
 * @param {string} file
 */
export function isNode24(file) {
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  return status === 0 && SUITABLE.test(stdout);
}

/**
 * Returns the Node of the npm package, or else the one that runs this script. Null if neither is a suitable
 * Node 24.
 *
 * @param {{ execPath: string, version: string }} running
 */
export function findNode24(running = process) {
  if (isNode24(packagedNode)) return packagedNode;
  return SUITABLE.test(running.version) ? running.execPath : null;
}

/**
 * Hands over to a script on Node 24: its output, its signals and its exit status are this process's.
 *
 * @param {string[]} command the script's path in the workspace, and its arguments
 */
export function continueOnNode24(...command) {
  const node24 = findNode24();
  if (node24 === null) {
    console.error(
      `Node 24 is missing: ${packagedNode} isn't installed or can't run on this machine, ` +
        `and this is Node ${process.version}; install Node 24.3 or a later 24 and run this again with it.`,
    );
    process.exit(1);
  }
  const child = spawn(node24, command, { cwd: workspace, stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('exit', (status) => process.exit(status ?? 1));
  if (process.env['npm_lifecycle_event']) whenOrphaned(() => child.kill('SIGTERM'));
}

/**
 * npm puts a shell between itself and a script. A SIGTERM to npm ends that shell, which does not pass it on.
 *
 * @param {() => void} act
 */
function whenOrphaned(act) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    act();
  }, 500);
}
