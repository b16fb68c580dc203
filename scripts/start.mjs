/**
 * `npm start`: installs what is missing, then runs the demo on Node 24 until Ctrl-C. npm puts a shell between
 * itself and this process, and a SIGTERM to npm ends only that shell, so this process notices and ends, too.
 */
import './install.mjs';
import { spawn } from 'node:child_process';
import { isNode24, packagedNode, workspace } from './node24.mjs';

const POLL_INTERVAL_MS = 500;

const node = isNode24(packagedNode) ? packagedNode : 'node';
const demo = spawn(node, ['scripts/demo/demo.ts'], { cwd: workspace, stdio: 'inherit' });
demo.on('exit', (status) => process.exit(status ?? 1));
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => demo.kill(signal));
}
if (process.env['npm_lifecycle_event']) {
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    demo.kill('SIGTERM');
  }, POLL_INTERVAL_MS);
}
