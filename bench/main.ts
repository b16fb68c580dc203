/**
 * `pnpm bench [--quick] [NAME …]`: runs all comparisons, or those named, and writes bench/results.json and
 * the tables of docs/performance.md. `--quick` writes nothing: it only shows that the comparisons can run.
 */
import { execFileSync } from 'node:child_process';
import { buildPagesIfOutdated } from '../scripts/build/page-build.ts';
import { workspace } from '../scripts/node24.mjs';
import { stopAll } from './cleanup.ts';
import { type ComparisonEntry, comparisons } from './comparisons/index.ts';
import { pinToServerCore } from './cores.ts';
import { removeDataFolder } from './data-folder.ts';
import { describeMachine } from './machine.ts';
import { formatTable, type Results, readResults, writeResults } from './report.ts';
import { FULL, QUICK } from './rounds.ts';

const entries: Record<string, ComparisonEntry> = comparisons;
const given = process.argv.slice(2);
const isQuick = given.includes('--quick');
const names = given.filter((name) => name !== '--quick');
const unknown = names.filter((name) => entries[name] === undefined);
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}; there are ${Object.keys(entries).join(', ')}.`);
  process.exit(1);
}

// The processes that were started end when this one exits.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
process.on('exit', removeDataFolder);

buildPagesIfOutdated();
if (!isQuick) pinToServerCore();
const machine = describeMachine();
const before = readResults();
const kept = before?.machine.processor === machine.processor ? before.comparisons : {};
let results: Results = { machine, comparisons: kept };
for (const [name, { title, run, isQuick: isInQuick }] of Object.entries(entries)) {
  if (names.length > 0 ? !names.includes(name) : isQuick && !isInQuick) continue;
  const startedAtMs = performance.now();
  console.log(`\n${title}`);
  try {
    const table = await run(isQuick ? QUICK : FULL);
    console.log(formatTable(table));
    const measured = { title, measuredAt: new Date().toISOString(), commit: currentCommit(), table };
    results = { machine, comparisons: inOrder({ ...results.comparisons, [name]: measured }) };
    if (!isQuick) writeResults(results);
  } catch (error) {
    console.error(`${name} couldn't run: ${(error as Error).stack}`);
    process.exitCode = 1;
  }
  await stopAll();
  console.log(`took ${Math.round((performance.now() - startedAtMs) / 1000)} s`);
}
process.exit();

function inOrder(measured: Results['comparisons']): Results['comparisons'] {
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
