import { describe, expect, it } from 'vitest';
import { formatCountdown, formatDuration } from './duration.ts';

describe('a duration', () => {
  it.each([
    [0, '0:00'],
    [9, '0:09'],
    [60, '1:00'],
    [1781, '29:41'],
    [3600, '1:00:00'],
    [3723, '1:02:03'],
    [43200, '12:00:00'],
  ])('of %d seconds is %s as a countdown', (seconds, text) => {
    expect(formatCountdown(seconds)).toBe(text);
  });

  it.each([
    [1, '1 second'],
    [59, '59 seconds'],
    [60, '1 minute'],
    [61, '2 minutes'],
    [900, '15 minutes'],
  ])('of %d seconds is "%s" in a sentence, rounded up', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});
