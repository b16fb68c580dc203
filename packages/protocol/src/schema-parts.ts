/** Parts that the schemas here and in `apps/sso` share. */
import * as v from 'valibot';

/**
 * Accepts `min` to `max` Unicode code points, which every language can count; JavaScript's `length` counts
 * UTF-16 code units. The message doesn't quote the value, as Valibot's default message would.
 */
export function boundedString(min: number, max: number) {
  const rule = `must be a string of ${min} to ${max} characters`;
  return v.pipe(v.string(rule), v.minCodePoints(min, rule), v.maxCodePoints(max, rule));
}

/**
 * Accepts an object with any members, and refuses arrays. Valibot's object schemas accept arrays if no member
 * is required: pipe this before such a schema.
 */
export const jsonObject = v.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);
