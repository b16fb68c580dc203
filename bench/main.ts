/**
 * `pnpm bench [--quick] [NAME …]`: runs all comparisons, or those named, and writes bench/results.json and
 * the tables of docs/performance.md. `--quick` runs them briefly, to show that they can run, and writes
 * nothing. It leaves out only the purge of expired tokens, which happens once a minute.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { buildPagesIfOutdated } from '../scripts/build/page-build.ts';
import { workspace } from '../scripts/node24.mjs';
import { stopAll } from './cleanup.ts';
import { type ComparisonEntry, comparisons } from './comparisons/index.ts';
import { pinToServerCore } from './cores.ts';
import { removeDataFolder } from './data-folder.ts';
import { describeMachine } from './machine.ts';
import { type Results, readResults, writeResults } from './report.ts';
import { FULL_PLAN, QUICK_PLAN } from './rounds.ts';
import { formatTable } from './table.ts';

const entries: Record<string, ComparisonEntry> = comparisons;
const args = process.argv.slice(2);
const isQuick = args.includes('--quick');
const names = args.filter((arg) => arg !== '--quick');
const unknown = names.filter((name) => entries[name] === undefined);
if (unknown.length > 0) {
  console.error(`Unknown comparison: ${unknown.join(', ')}. Known: ${Object.keys(entries).join(', ')}.`);
  process.exit(1);
}

// Child processes end when this one exits.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
process.on('exit', removeDataFolder);

buildPagesIfOutdated();
// Processes start faster with compiled sources; start-up is measured without them.
if (isQuick) process.env['NODE_COMPILE_CACHE'] ??= join(workspace, 'node_modules/.cache/node-compile-cache');
else pinToServerCore();
const commit = currentCommit(); // Before this program changes tracked files.
const machine = describeMachine();
let results = isQuick ? null : readResults();
for (const [name, { title, run }] of Object.entries(entries)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const startedAtMs = performance.now();
  console.log(`\n${title}`);
  try {
    const table = await run(isQuick ? QUICK_PLAN : FULL_PLAN);
    console.log(formatTable(table));
    if (results !== null) {
      const measured = { title, measuredAt: new Date().toISOString(), commit, machine, table };
      results = inOrder({ ...results, [name]: measured });
      writeResults(results);
    }
  } catch (error) {
    console.error(`${name} couldn't run: ${(error as Error).stack}`);
    process.exitCode = 1;
  }
  await stopAll();
  console.log(`took ${Math.round((performance.now() - startedAtMs) / 1000)} s`);
}
process.exit();

function inOrder(measured: Results): Results {
  return Object.fromEntries(
    Object.keys(entries).flatMap((name) => (measured[name] ? [[name, measured[name]]] : [])),
  );
}

function currentCommit(): string {
  return execFileSync('git', ['describe', '--always', '--dirty'], {
    cwd: workspace,
    encoding: 'utf8',
  }).trim();
}
