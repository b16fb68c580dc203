/**
 * The closed table of problem codes. A refusal is `application/problem+json` (RFC 9457) with one of these
 * codes; programs switch on `code`, never on the words. The words tell neither whether an account exists
 * nor which origins are allowed. The endpoints that a standard words (`/introspect`, `/backchannel-logout`) answer
 * as it says.
 */
import { type Static, Type } from 'typebox';

export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request is not one that this endpoint knows.' },
  'not-signed-in': { status: 401, title: 'Nobody is signed in.' },
  'invalid-credentials': { status: 401, title: 'The username or the password is wrong.' },
  'wrong-password': { status: 403, title: 'The old password is wrong.' },
  'unfit-password': { status: 422, title: 'The new password cannot be used.' },
  'invalid-token': { status: 401, title: 'The authentication token is not valid, or no longer.' },
  'origin-not-allowed': { status: 403, title: 'Requests from this origin are not allowed.' },
  'not-found': { status: 404, title: 'There is nothing here.' },
  'method-not-allowed': { status: 405, title: 'This address does not know that method.' },
  'too-large': { status: 413, title: 'The request is too large.' },
  'unsupported-media-type': { status: 415, title: 'The request has a content type that is not read here.' },
  'too-many-attempts': { status: 429, title: 'Too many failed attempts. Try again later.' },
  'internal-error': { status: 500, title: 'Something went wrong here.' },
  overloaded: { status: 503, title: 'Too many people are signing in right now. Try again in a moment.' },
  'sso-unavailable': { status: 503, title: 'The SSO service does not answer.' },
  unavailable: { status: 503, title: 'The service cannot reach its data right now.' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    code: Type.Unsafe<ProblemCode>(Type.String({ enum: Object.keys(PROBLEMS) })),
    /** As the header `Retry-After`, which a page cannot read across origins. */
    retryAfterSeconds: Type.Optional(Type.Integer({ minimum: 1 })),
    /** What the person who sent it can mend, in words: only ever about what they chose themselves. */
    detail: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type Problem = Static<typeof Problem>;

/**
 * The body of a refusal.
 *
 * @param code what went wrong, out of the closed table
 * @param more `retryAfterSeconds`, when it is worth trying again; `detail`, what the person can mend
 */
export function problem(
  code: ProblemCode,
  more: Pick<Problem, 'retryAfterSeconds' | 'detail'> = {},
): Problem {
  return { type: `urn:problem-type:samesite-sso:${code}`, ...PROBLEMS[code], code, ...more };
}
