/** Output for people: a table for many rows, a list of members for one. */
import { escapeLine } from '@samesite-sso/core';
import stringWidth from 'string-width';

const GAP = '  ';
const EMPTY_CELL = '-';

type Row = readonly (string | null)[];

/** Columns fit their cells. A cell that is null or empty is a dash. */
export function table(headings: readonly string[], rows: readonly Row[]): string {
  return aligned([headings, ...rows]);
}

/** The same in parts, for lists of any length: columns fit the headings and the first page. */
export async function* tableOfPages(
  headings: readonly string[],
  pages: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  let widths: readonly number[] | null = null;
  for await (const rows of pages) {
    const lines = rows.map(escapedCells);
    if (widths === null) {
      widths = widthsOf([headings, ...lines]);
      yield lineOf(headings, widths);
    }
    const known = widths;
    yield lines.map((cells) => lineOf(cells, known)).join('');
  }
  if (widths === null) yield table(headings, []);
}

/** One line for each member. */
export function members(values: Readonly<Record<string, string | null>>): string {
  return aligned(Object.entries(values).map(([name, value]) => [`${name}:`, value]));
}

function aligned(rows: readonly Row[]): string {
  const lines = rows.map(escapedCells);
  const widths = widthsOf(lines);
  return lines.map((cells) => lineOf(cells, widths)).join('');
}

function escapedCells(cells: Row): string[] {
  return cells.map((cell) => escapeLine(cell || EMPTY_CELL));
}

function widthsOf(lines: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const cells of lines) {
    for (const [column, cell] of cells.entries())
      widths[column] = Math.max(widths[column] ?? 0, stringWidth(cell));
  }
  return widths;
}

function lineOf(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, column) => {
    return cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell)));
  });
  return `${padded.join(GAP).trimEnd()}\n`;
}

/** A time for tables: ISO 8601 to the minute, in UTC. */
export function minute(time: number | null): string | null {
  return time === null ? null : `${new Date(time).toISOString().slice(0, 16)}Z`;
}

/** The same to the second. */
export function second(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** A time for JSON. */
export function iso(time: number): string;
export function iso(time: number | null): string | null;
export function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** A number with its noun. */
export function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`;
}
