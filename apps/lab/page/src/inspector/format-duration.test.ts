import { expect, it } from 'vitest';
import { formatMilliseconds, formatSeconds } from './format-duration.ts';

it.each([
  [0.42, '0.4 ms'],
  [9.96, '10 ms'],
  [999.6, '1.0 s'],
  [99_900, '99.9 s'],
  [185_000, '3 min'],
])('%d milliseconds are written as %s.', (milliseconds, text) => {
  expect(formatMilliseconds(milliseconds)).toBe(text);
});

it.each([
  [119, '119\u00a0s'],
  [150, '3\u00a0min'],
  [43_200, '12\u00a0h'],
])('%d seconds are written as %s.', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});
