/** Parses a point in time as an operator writes it: a date, a date and time, or an age. */
import { InvalidArgumentError } from '@commander-js/extra-typings';

const AGE = /^(\d{1,9})([smhd])$/;
const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 };
const ISO = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/**
 * @param text ISO 8601, in UTC unless it has an offset; or an age such as `90m`, `2h`, `7d`
 * @param now in milliseconds since the epoch, as is the result
 * @throws {InvalidArgumentError}
 */
export function parseTime(text: string, now = Date.now()): number {
  const [, amount, unit] = AGE.exec(text) ?? [];
  if (unit !== undefined)
    return now - Number(amount) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS] * 1000;
  const [, day = '', offset] = ISO.exec(text) ?? [];
  const time = Date.parse(text.includes('T') && offset === undefined ? `${text}Z` : text);
  if (day === '' || Number.isNaN(time) || !isInCalendar(day)) {
    throw new InvalidArgumentError(
      'It must be a date or time (2026-11-22, 2026-11-22T12:00Z) or an age (90m, 2h, 7d).',
    );
  }
  return time;
}

/** `Date.parse` accepts the 31st of every month as a day of the next. */
function isInCalendar(day: string): boolean {
  const time = Date.parse(day);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}
