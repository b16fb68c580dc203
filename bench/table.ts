/** The table that a comparison returns. It holds numbers until it is formatted as Markdown. */
import type { Quartiles } from './statistics.ts';

export type Cell = string | number | Quartiles | null;

export type Table = {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
};

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

/** Three significant digits from 1 on, three decimals below, and no decimals from 100 on. */
function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '—';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
