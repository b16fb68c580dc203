/** A point in time as an operator writes it: a date, a date and time, or how long ago. */
import { UsageError } from './command.ts';

const AGE = /^(\d{1,9})([smhd])$/;
const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 };
const ISO = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/**
 * @param text ISO 8601, in UTC where it names no offset; or an age such as `90m`, `2h`, `7d`
 * @param now milliseconds since the epoch
 * @returns milliseconds since the epoch
 * @throws {UsageError} when it is neither, or is a day that the calendar does not have
 */
export function parseWhen(option: string, text: string, now: number): number {
  const [, amount, unit] = AGE.exec(text) ?? [];
  if (unit !== undefined) return now - Number(amount) * SECONDS[unit as keyof typeof SECONDS] * 1000;
  const [, day = '', offset] = ISO.exec(text) ?? [];
  const time = Date.parse(text.includes('T') && offset === undefined ? `${text}Z` : text);
  if (day === '' || Number.isNaN(time) || !isInCalendar(day)) {
    throw new UsageError(
      `--${option} is neither a date or time (2026-11-22, 2026-11-22T12:00Z) nor an age (90m, 2h, 7d)`,
    );
  }
  return time;
}

/** `Date.parse` takes the 31st of any month for some day of the next. */
function isInCalendar(day: string): boolean {
  const time = Date.parse(day);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}
