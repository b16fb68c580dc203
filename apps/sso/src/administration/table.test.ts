import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { formatCount, formatMembers, formatMinute, formatSecond, table, tableOfPages } from './table.ts';

test("table columns fit their cells, and the last one isn't padded", () => {
  expect(
    table(
      ['A', 'LONG HEADING'],
      [
        ['a long cell', 'b'],
        ['c', null],
        ['', 'd'],
      ],
    ),
  ).toBe('A            LONG HEADING\na long cell  b\nc            -\n-            d\n');
  expect(table(['A', 'B'], [])).toBe('A  B\n');
});

test('table columns account for characters that are two columns wide or none', () => {
  expect(
    table(
      ['NAME', 'X'],
      [
        ['李', '1'],
        ['Zoe\u0308', '2'],
        ['👩‍🚀', '3'],
        ['Ａｄ', '4'],
      ],
    ),
  ).toBe('NAME  X\n李    1\nZoe\u0308   2\n👩‍🚀    3\nＡｄ  4\n');
});

test("a table cell can't break its line or move the cursor", () => {
  expect(table(['A', 'B'], [['x\n\u001b[2Jy', 'z']])).toBe('A                  B\nx\\u000a\\u001b[2Jy  z\n');
});

test('a table in parts equals the whole table, with columns that fit the first page', async () => {
  async function printed(...pages: string[][][]) {
    const given: AsyncIterable<string[][]> = Readable.from(pages);
    return (await Readable.from(tableOfPages(['A', 'B'], given, (row) => row)).toArray()).join('');
  }
  expect(await printed()).toBe('A  B\n');
  const rows = Array.from({ length: 200_000 }, (_, row) => [`${row}`.padStart(6, '0'), 'x']);
  expect(await printed(rows)).toBe(table(['A', 'B'], rows));
  expect(
    await printed(
      [['1', '2']],
      [
        ['a long cell', '3'],
        ['4', '5'],
      ],
    ),
  ).toBe('A  B\n1  2\na long cell  3\n4  5\n');
});

test('members are printed one per line', () => {
  expect(formatMembers({ id: '1', 'display name': 'Ada', disabled: null })).toBe(
    'id:            1\ndisplay name:  Ada\ndisabled:      -\n',
  );
});

test('times are formatted to the minute or the second, and counts with their noun', () => {
  expect(formatMinute(Date.parse('2026-11-22T12:34:56.789Z'))).toBe('2026-11-22T12:34Z');
  expect(formatMinute(null)).toBeNull();
  expect(formatSecond(Date.parse('2026-11-22T12:34:56.789Z'))).toBe('2026-11-22T12:34:56Z');
  expect([0, 1, 2].map((number) => formatCount(number, 'session'))).toEqual([
    '0 sessions',
    '1 session',
    '2 sessions',
  ]);
});
