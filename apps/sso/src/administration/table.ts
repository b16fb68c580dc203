/** How the answers of commands look: a table for many, a list of members for one. */
import { escapeLine } from '@samesite-sso/core';

const GAP = '  ';
const NOTHING = '-';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** What terminals show in two columns. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\uff01-\uff60]/u;

type Row = readonly (string | null)[];

/** Columns are as wide as they need to be; what is null or empty is a dash. */
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
    const lines = rows.map(printableCells);
    if (widths === null) {
      widths = widthsOf([headings, ...lines]);
      yield lineOf(headings, widths);
    }
    const known = widths;
    yield lines.map((cells) => lineOf(cells, known)).join('');
  }
  if (widths === null) yield table(headings, []);
}

/** One thing, a line for each of its members. */
export function members(values: Readonly<Record<string, string | null>>): string {
  return aligned(Object.entries(values).map(([name, value]) => [`${name}:`, value]));
}

function aligned(rows: readonly Row[]): string {
  const lines = rows.map(printableCells);
  const widths = widthsOf(lines);
  return lines.map((cells) => lineOf(cells, widths)).join('');
}

function printableCells(cells: Row): string[] {
  return cells.map((cell) => escapeLine(cell || NOTHING));
}

function widthsOf(lines: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const cells of lines) {
    for (const [column, cell] of cells.entries()) widths[column] = Math.max(widths[column] ?? 0, width(cell));
  }
  return widths;
}

function lineOf(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, column) => pad(cell, widths[column] ?? 0));
  return `${padded.join(GAP).trimEnd()}\n`;
}

/** A time as tables show it: ISO 8601 to the minute, in UTC. */
export function minute(time: number | null): string | null {
  return time === null ? null : `${new Date(time).toISOString().slice(0, 16)}Z`;
}

/** The same to the second, where one thing comes close upon another. */
export function second(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** A time as JSON shows it. */
export function iso(time: number): string;
export function iso(time: number | null): string | null;
export function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** How many of what, in words. */
export function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`;
}

function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

const PLAIN = /^[ -~]*$/;

function width(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += WIDE.test(segment) ? 2 : 1;
  return columns;
}
