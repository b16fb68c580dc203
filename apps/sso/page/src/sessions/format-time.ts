/** Formats times close to now, by this browser's clock and time zone. */

const relativeDay = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

const MS_PER_DAY = 86_400_000;

/**
 * `today at 14:03`, `yesterday at 23:59`, `21 Nov 2026 at 09:00`.
 *
 * @param timeStyle `medium` adds seconds, which distinguish times within one minute
 */
export function formatTime(time: Date, now: Date, timeStyle: 'short' | 'medium' = 'short'): string {
  const midnightMs = (day: Date) => new Date(day).setHours(0, 0, 0, 0);
  // Rounded, since a day can have 23 or 25 hours.
  const days = Math.round((midnightMs(time) - midnightMs(now)) / MS_PER_DAY);
  const isNearby = Math.abs(days) <= 1;
  const date = isNearby
    ? relativeDay.format(days, 'day')
    : time.toLocaleDateString('en-GB', { dateStyle: 'medium' });
  return `${date} at ${time.toLocaleTimeString('en-GB', { timeStyle })}`;
}
