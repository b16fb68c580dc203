import { InvalidArgumentError } from '@commander-js/extra-typings';
import { expect, test } from 'vitest';
import { parseTime } from './parse-time.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

test.each([
  ['2026-11-22', '2026-11-22T00:00:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ['2026-11-22T10:30', '2026-11-22T10:30:00.000Z'],
  ['2026-11-22T10:30Z', '2026-11-22T10:30:00.000Z'],
  ['2026-11-22T10:30:15', '2026-11-22T10:30:15.000Z'],
  ['2026-11-22T10:30:15.5Z', '2026-11-22T10:30:15.500Z'],
  ['2026-11-22T10:30:15+02:00', '2026-11-22T08:30:15.000Z'],
  ['45s', '2026-11-22T11:59:15.000Z'],
  ['90m', '2026-11-22T10:30:00.000Z'],
  ['2h', '2026-11-22T10:00:00.000Z'],
  ['7d', '2026-11-15T12:00:00.000Z'],
])('the time %s is parsed as %s', (text, time) => {
  expect(new Date(parseTime(text, NOW)).toISOString()).toBe(time);
});

test.each([
  '',
  'now',
  '22.11.2026',
  '2026-11',
  '2026-13-01',
  '2026-02-31',
  '2026-02-29T12:00Z',
  '2026-11-22T25:00',
  '2026-11-22 10:30',
  '7',
  '7w',
  '-7d',
  '1.5h',
  '7d ',
])('%j is refused as a time', (text) => {
  expect(() => parseTime(text, NOW)).toThrow(InvalidArgumentError);
});
