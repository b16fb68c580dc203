/**
 * Where the workspace is, and the Node 24 that everything in it runs on: the npm package `node`, installed
 * with the other dependencies. Which Node the `node` on PATH is depends on who asks, so nobody here relies on
 * it. Runs on any Node from 20 up.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspace = fileURLToPath(new URL('..', import.meta.url));

export const node24 = join(
  workspace,
  'node_modules/node/bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

/**
 * Hands over to a script on Node 24: its output, its signals and its exit status are this process's.
 *
 * @param {string[]} command the script's path in the workspace, and its arguments
 */
export function continueOnNode24(...command) {
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
