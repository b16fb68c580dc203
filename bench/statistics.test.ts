import { expect, test } from 'vitest';
import { pairedRatios, quartiles } from './statistics.ts';

test('quartiles are interpolated between the values around them', () => {
  expect(quartiles([4, 1, 3, 2])).toEqual({ q1: 1.75, median: 2.5, q3: 3.25 });
  expect(quartiles([7])).toEqual({ q1: 7, median: 7, q3: 7 });
});

test('a slow round doesn’t change the ratio of two values that were measured in it', () => {
  expect(pairedRatios([50, 5], [100, 10])).toEqual([0.5, 0.5]);
});
