/**
 * `pnpm bench`: importing install.mjs installs this workspace; bench/ is a workspace of its own and is
 * installed next. Then runs the benchmark on Node 24. With `--quick` it checks the benchmark's types first,
 * since `pnpm typecheck` runs where bench/ isn't installed.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { installIfOutdated } from './install.mjs';
import { isNode24, packagedNode, workspace } from './node24.mjs';

const bench = join(workspace, 'bench');
installIfOutdated(bench);

const node = isNode24(packagedNode) ? packagedNode : 'node';
const args = process.argv.slice(2);
if (args.includes('--quick')) run('node_modules/typescript/bin/tsc', '--project', bench);
run('bench/main.ts', ...args);

/** @param {string[]} command */
function run(...command) {
  const { status } = spawnSync(node, command, { cwd: workspace, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
