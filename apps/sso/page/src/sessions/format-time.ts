/** Formats times close to now, by this browser's clock and time zone. */

const timeOfDay = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
const timeOfDayWithSeconds = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

const MS_PER_DAY = 86_400_000;

const NEARBY_DAYS: Readonly<Record<number, string>> = { [-1]: 'yesterday', 0: 'today', 1: 'tomorrow' };

/** `today at 14:03`, `yesterday at 23:59`, `21 Nov 2026 at 09:00`. */
export function formatTime(time: Date, now: Date): string {
  return `${formatDay(time, now)} at ${timeOfDay.format(time)}`;
}

/** `today at 14:03:22`: distinguishes times within one minute. */
export function formatExactTime(time: Date, now: Date): string {
  return `${formatDay(time, now)} at ${timeOfDayWithSeconds.format(time)}`;
}

function formatDay(time: Date, now: Date): string {
  return NEARBY_DAYS[daysBetween(now, time)] ?? date.format(time);
}

/** Counts midnights. Rounded, since a day can have 23 or 25 hours. */
function daysBetween(from: Date, to: Date): number {
  const midnightMs = (time: Date) => new Date(time).setHours(0, 0, 0, 0);
  return Math.round((midnightMs(to) - midnightMs(from)) / MS_PER_DAY);
}
