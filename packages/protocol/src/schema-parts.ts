/** What schemas share, here and in `apps/sso`. */
import * as v from 'valibot';

/**
 * A string of `min` to `max` Unicode code points, which every language can count; `length` counts UTF-16
 * units. Unlike Valibot's own messages, this one doesn't quote the value.
 */
export function text(min: number, max: number) {
  const rule = `must be a string of ${min} to ${max} characters`;
  return v.pipe(v.string(rule), v.minCodePoints(min, rule), v.maxCodePoints(max, rule));
}

/**
 * An object with any members, but not an array. Valibot's object schemas accept arrays, too, if they require
 * no member: such a schema needs this one before it.
 */
export const jsonObject = v.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);
