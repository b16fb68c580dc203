/** Parts of schemas that several packages share, and what authentication methods count as. */
import * as v from 'valibot';

/**
 * Accepts `min` to `max` Unicode code points, which every language can count; JavaScript's `length` counts
 * UTF-16 code units. The message doesn't quote the value, as Valibot's default message would.
 */
export function boundedString(min: number, max: number) {
  const rule = `must be a string of ${min} to ${max} characters`;
  return v.pipe(v.string(rule), v.minCodePoints(min, rule), v.maxCodePoints(max, rule));
}

/** Accepts 0 to `max` characters of base64url without padding (RFC 4648, section 5). */
export function base64Url(max: number) {
  return v.pipe(v.string(), v.maxLength(max), v.regex(/^[A-Za-z0-9_-]*$/, 'must be base64url'));
}

/**
 * Accepts an object with any members, and refuses arrays. Valibot's object schemas accept arrays if no member
 * is required: pipe this before such a schema.
 */
export const jsonObject = v.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

const GROUP_RULE = 'must be 1 to 63 of a–z, 0–9, ".", "_" and "-", the first one a letter or a digit';

/** A group of accounts: a plain name without hierarchy. The message doesn't quote the value. */
export const GroupName = v.pipe(v.string(GROUP_RULE), v.regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, GROUP_RULE));

/**
 * How a person authenticated (RFC 8176, section 2): by a password, by a password and a code, or by a passkey
 * with user verification. The last two count as two factors.
 */
export const AuthenticationMethods = v.union([
  v.strictTuple([v.literal('pwd')]),
  v.strictTuple([v.literal('pwd'), v.literal('otp'), v.literal('mfa')]),
  v.strictTuple([v.literal('pop'), v.literal('user'), v.literal('mfa')]),
]);
export type AuthenticationMethods = v.InferOutput<typeof AuthenticationMethods>;

/** How many factors the methods are: the standard's `mfa` says that there is more than one. */
export function countFactors(amr: AuthenticationMethods): 1 | 2 {
  return amr.some((method) => method === 'mfa') ? 2 : 1;
}
