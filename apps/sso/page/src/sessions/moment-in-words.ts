/** How a moment near to now reads. */

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
const clockWithSeconds = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

const NEAR_DAYS: Readonly<Record<number, string>> = { [-1]: 'yesterday', 0: 'today', 1: 'tomorrow' };

/** `today at 14:03`, `yesterday at 23:59`, `21 Nov 2026 at 09:00`: by this browser's clock and time zone. */
export function momentInWords(moment: Date, now: Date): string {
  return `${dayInWords(moment, now)} at ${clock.format(moment)}`;
}

/** `today at 14:03:22`: tells moments of one minute apart. */
export function exactMomentInWords(moment: Date, now: Date): string {
  return `${dayInWords(moment, now)} at ${clockWithSeconds.format(moment)}`;
}

function dayInWords(moment: Date, now: Date): string {
  return NEAR_DAYS[daysBetween(now, moment)] ?? day.format(moment);
}

/** Counted in midnights, rounded: a day may have 23 or 25 hours. */
function daysBetween(from: Date, to: Date): number {
  return Math.round((new Date(to).setHours(0, 0, 0, 0) - new Date(from).setHours(0, 0, 0, 0)) / 86_400_000);
}
