import { expect, it } from 'vitest';
import { exactMomentInWords, momentInWords } from './moment-in-words.ts';

const local = (day: number, hours: number, minutes = 0) => new Date(2026, 10, day, hours, minutes);

it.each([
  [local(22, 14, 3), 'today at 14:03'],
  [local(22, 0), 'today at 00:00'],
  [local(21, 23, 59), 'yesterday at 23:59'],
  [local(23, 2, 30), 'tomorrow at 02:30'],
  [local(20, 9), '20 Nov 2026 at 09:00'],
])('says %s as %s', (moment, words) => {
  expect(momentInWords(moment, local(22, 12))).toBe(words);
});

it('tells moments of one minute apart where they must be', () => {
  const moment = new Date(2026, 10, 22, 14, 3, 7);
  expect(exactMomentInWords(moment, local(22, 15))).toBe('today at 14:03:07');
});

it('takes a night for a night, however near midnight it is', () => {
  expect(momentInWords(local(21, 23, 59), local(22, 0, 1))).toBe('yesterday at 23:59');
});
