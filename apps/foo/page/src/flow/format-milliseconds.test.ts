import { expect, it } from 'vitest';
import { formatMilliseconds } from './step-view.ts';

it.each([
  [0.42, '0.4 ms'],
  [9.94, '9.9 ms'],
  [9.96, '10 ms'],
  [123.4, '123 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [5003, '5.0 s'],
])('formats %d milliseconds as %s', (milliseconds, text) => {
  expect(formatMilliseconds(milliseconds)).toBe(text);
});
