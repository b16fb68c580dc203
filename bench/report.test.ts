import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { documentFile, fillDocument, readResults } from './report.ts';

test('docs/performance.md shows the figures of bench/results.json', () => {
  const document = readFileSync(documentFile, 'utf8');
  const results = readResults();
  expect(results).not.toEqual({});
  expect(document).toBe(fillDocument(document, results));
});
