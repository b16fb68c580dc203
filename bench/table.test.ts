import { expect, test } from 'vitest';
import { formatTable } from './table.ts';

test('a table has medians with quartiles, three digits, an empty cell for null and a dash for NaN', () => {
  const quartiles = { q1: 0.4567, median: 0.5, q3: 0.54321 };
  const table = formatTable({
    headings: ['', 'ratio', 'requests/s'],
    rows: [
      ['step 2', quartiles, 12_345.6],
      ['step 3', null, Number.NaN],
    ],
  });
  expect(table.split('\n').slice(2)).toEqual([
    '| step 2 | **0.500** (0.457–0.543) | 12,346 |',
    '| step 3 |  | — |',
  ]);
});
