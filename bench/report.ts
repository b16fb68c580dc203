/** Reads and writes bench/results.json, and generates the tables of docs/performance.md from it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../scripts/node24.mjs';
import type { Machine } from './machine.ts';
import type { Cell, Table } from './table.ts';

export type Results = {
  readonly machine: Machine;
  /** By name. One may be newer than another, if it ran alone. */
  readonly comparisons: Readonly<
    Record<string, { title: string; measuredAt: string; commit: string; table: Table }>
  >;
};

export const resultsFile = join(workspace, 'bench/results.json');
export const documentFile = join(workspace, 'docs/performance.md');

const START = '<!-- `pnpm bench` writes what follows. -->';
const END = '<!-- `pnpm bench` wrote what precedes. -->';

export function readResults(): Results | null {
  return existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : null;
}

export function writeResults(results: Results): void {
  writeFileSync(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(documentFile, fillDocument(readFileSync(documentFile, 'utf8'), results));
}

/** @returns the document with the tables between its markers */
export function fillDocument(document: string, results: Results): string {
  const [before, rest] = document.split(START);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${documentFile} has no markers`);
  return `${before}${START}\n\n${formatResults(results)}\n${END}${after}`;
}

function formatResults({ machine, comparisons }: Results): string {
  const sections = Object.values(comparisons).map(
    ({ title, measuredAt, commit, table }) =>
      `### ${title}\n\n${formatTable(table)}\n\n*Commit ${commit}, ${measuredAt.slice(0, 10)}.*\n`,
  );
  return [formatMachine(machine), ...sections].join('\n');
}

function formatMachine(machine: Machine): string {
  const { processor, cores, memoryGib, system, node, loadGenerator, isPinning, versions } = machine;
  const versionList = Object.entries(versions).map(([name, version]) => `\`${name}\` ${version}`);
  return `### Machine and versions

| | |
|---|---|
| processor | ${processor}, ${cores} cores |
| memory | ${memoryGib} GiB |
| system | ${system}, Node ${node} |
| load | ${loadGenerator}, ${isPinning ? 'on another core than the servers' : 'not pinned to a core'} |
| compared | ${versionList.join(', ')} |
`;
}

/** @returns a table in Markdown */
export function formatTable({ headings, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const separator = `|${headings.map((_, index) => (index === 0 ? '---' : '---:')).join('|')}|`;
  return [line(headings), separator, ...rows.map((row) => line(row.map(formatCell)))].join('\n');
}

function formatCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number') return formatNumber(cell);
  const { q1, median, q3 } = cell;
  return `**${formatNumber(median)}** (${formatNumber(q1)}–${formatNumber(q3)})`;
}

/** Three significant digits are more than any figure deserves. */
function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '—';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
