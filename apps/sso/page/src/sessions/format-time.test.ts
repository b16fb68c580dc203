import { expect, it } from 'vitest';
import { formatTime } from './format-time.ts';

const local = (day: number, hours: number, minutes = 0) => new Date(2026, 10, day, hours, minutes);

it.each([
  [local(22, 14, 3), 'today at 14:03'],
  [local(22, 0), 'today at 00:00'],
  [local(21, 23, 59), 'yesterday at 23:59'],
  [local(23, 2, 30), 'tomorrow at 02:30'],
  [local(20, 9), '20 Nov 2026 at 09:00'],
])('the time %s is formatted as %s', (time, text) => {
  expect(formatTime(time, local(22, 12))).toBe(text);
});

it('the exact format distinguishes times within one minute', () => {
  const time = new Date(2026, 10, 22, 14, 3, 7);
  expect(formatTime(time, local(22, 15), 'medium')).toBe('today at 14:03:07');
});

it('days are counted by midnights, even close to midnight', () => {
  expect(formatTime(local(21, 23, 59), local(22, 0, 1))).toBe('yesterday at 23:59');
});
