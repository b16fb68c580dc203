import { describe, expect, it } from 'vitest';
import { durationInWords, formatCountdown } from './duration.ts';

describe('a duration', () => {
  it.each([
    [0, '0:00'],
    [9, '0:09'],
    [60, '1:00'],
    [1781, '29:41'],
    [3600, '1:00:00'],
    [3723, '1:02:03'],
    [43200, '12:00:00'],
  ])('counts %d seconds down as %s', (seconds, text) => {
    expect(formatCountdown(seconds)).toBe(text);
  });

  it.each([
    [1, '1 second'],
    [59, '59 seconds'],
    [60, '1 minute'],
    [61, '2 minutes'],
    [900, '15 minutes'],
  ])('says %d seconds as "%s", never too short', (seconds, text) => {
    expect(durationInWords(seconds)).toBe(text);
  });
});
