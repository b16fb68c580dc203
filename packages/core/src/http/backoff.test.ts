import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const manyOf = (failures: number) => Array.from({ length: 200 }, () => backoffMs(failures));

test.each([
  [1, 1000],
  [2, 2000],
  [6, 32_000],
  [7, 60_000],
  [1000, 60_000],
])(
  'after %i failures it is %i ms at most and three quarters of that at least, in whole ones',
  (failures, most) => {
    for (const pause of manyOf(failures)) {
      expect(Number.isInteger(pause)).toBe(true);
      expect(pause).toBeGreaterThanOrEqual(most * 0.75);
      expect(pause).toBeLessThanOrEqual(most);
    }
  },
);

test('what failed together does not come back together', () => {
  expect(new Set(manyOf(3)).size).toBeGreaterThan(20);
});
