import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const manyOf = (failures: number) => Array.from({ length: 200 }, () => backoffMs(failures));

test.each([
  [1, 1000],
  [2, 2000],
  [6, 32_000],
  [7, 60_000],
  [1000, 60_000],
])('after %i failures the backoff is at most %i ms and at least three quarters of that', (failures, most) => {
  for (const pause of manyOf(failures)) {
    expect(Number.isInteger(pause)).toBe(true);
    expect(pause).toBeGreaterThanOrEqual(most * 0.75);
    expect(pause).toBeLessThanOrEqual(most);
  }
});

test('requests that failed together are not repeated together', () => {
  expect(new Set(manyOf(3)).size).toBeGreaterThan(20);
});
