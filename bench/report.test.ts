import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { documentFile, fillDocument, formatTable, readResults } from './report.ts';

test('docs/performance.md shows the figures of bench/results.json', () => {
  const document = readFileSync(documentFile, 'utf8');
  const results = readResults();
  expect(results).not.toBeNull();
  if (results !== null) expect(document).toBe(fillDocument(document, results));
});

test('a table has the median with its quartiles, three digits, and nothing in empty cells', () => {
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
