/** Output for people: a table for many rows, a list of members for one. */
import { escapeLine } from '@samesite-sso/core';
import stringWidth from 'string-width';

const GAP = '  ';
const EMPTY_CELL = '-';

export type Cells = readonly (string | number | null)[];

/** Columns fit their cells. A cell that is null or empty is a dash. */
export function table(headings: readonly string[], rows: readonly Cells[]): string {
  return alignColumns([headings, ...rows]);
}

/** A table in parts, for any number of rows. Columns fit the headings and the first page. */
export async function* tableOfPages<Row>(
  headings: readonly string[],
  pages: AsyncIterable<readonly Row[]>,
  cells: (row: Row) => Cells,
): AsyncGenerator<string> {
  let widths: number[] | null = null;
  for await (const page of pages) {
    const rows = page.map(cells);
    if (widths === null) {
      widths = widthsOf([headings, ...rows]);
      yield alignColumns([headings], widths);
    }
    yield alignColumns(rows, widths);
  }
  if (widths === null) yield table(headings, []);
}

/** One line for each member. */
export function formatMembers(values: Readonly<Record<string, string | null>>): string {
  return alignColumns(Object.entries(values).map(([name, value]) => [`${name}:`, value]));
}

function alignColumns(rows: readonly Cells[], widths = widthsOf(rows)): string {
  const lines = rows.map((cells) =>
    cells
      .map(toCellText)
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell))))
      .join(GAP)
      .trimEnd(),
  );
  return lines.map((line) => `${line}\n`).join('');
}

function widthsOf(rows: readonly Cells[]): number[] {
  const widths: number[] = [];
  for (const cells of rows) {
    for (const [column, cell] of cells.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, stringWidth(toCellText(cell)));
    }
  }
  return widths;
}

function toCellText(cell: Cells[number]): string {
  return escapeLine(`${cell ?? ''}` || EMPTY_CELL);
}

/** A time for tables: ISO 8601 to the minute, in UTC. */
export function formatMinute(time: number | null): string | null {
  return time === null ? null : `${new Date(time).toISOString().slice(0, 16)}Z`;
}

/** The same to the second. */
export function formatSecond(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** A time for JSON. */
export function iso(time: number): string;
export function iso(time: number | null): string | null;
export function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** A number with its noun. */
export function formatCount(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
