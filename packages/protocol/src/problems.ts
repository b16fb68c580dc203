/**
 * The closed table of problem codes. Error responses are `application/problem+json` (RFC 9457) with one of
 * these codes, except where another standard defines them (`/introspect`, `/end-session`,
 * `/backchannel-logout`). Programs switch on `code`, never on text. No title reveals whether an account
 * exists or which origins are allowed.
 */
import * as v from 'valibot';

export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request is invalid.' },
  'not-signed-in': { status: 401, title: 'Nobody is signed in.' },
  'invalid-credentials': { status: 401, title: 'The username or the password is wrong.' },
  'wrong-password': { status: 403, title: 'The old password is wrong.' },
  'unfit-password': { status: 422, title: "The new password isn't acceptable." },
  'second-factor-required': { status: 401, title: 'A code is required.' },
  'invalid-code': { status: 401, title: 'The code is wrong or has been used.' },
  'invalid-passkey': { status: 401, title: "The passkey wasn't accepted." },
  'invalid-invitation': { status: 401, title: 'The invitation is invalid or has been used.' },
  'reauthentication-required': { status: 401, title: "Confirm that it's you." },
  'insufficient-user-authentication': {
    status: 401,
    title: 'This needs a stronger or a more recent sign-in.',
  },
  'step-up-required': { status: 403, title: 'This app requires a second factor.' },
  'not-permitted': { status: 403, title: "You don't have access to this app." },
  'invalid-token': { status: 401, title: 'The authentication token is invalid or has expired.' },
  'origin-not-allowed': { status: 403, title: 'Requests from this origin are not allowed.' },
  'not-found': { status: 404, title: 'Not found.' },
  'method-not-allowed': { status: 405, title: "This resource doesn't support that method." },
  'too-large': { status: 413, title: 'The request is too large.' },
  'unsupported-media-type': { status: 415, title: "The content type isn't supported." },
  'too-many-attempts': { status: 429, title: 'Too many failed attempts. Try again later.' },
  'internal-error': { status: 500, title: 'Something went wrong.' },
  overloaded: { status: 503, title: 'Too many people are signing in right now. Try again in a moment.' },
  'sso-unavailable': { status: 503, title: "The SSO service isn't responding." },
  unavailable: { status: 503, title: "The service can't access its data right now." },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** How a person can sign in. `code` comes from an authenticator app, or is a recovery code. */
export const Factor = v.picklist(['passkey', 'code', 'password']);
export type Factor = v.InferOutput<typeof Factor>;

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

export const Problem = v.strictObject({
  type: v.string(),
  title: v.string(),
  status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
  code: v.picklist(Object.keys(PROBLEMS) as ProblemCode[]),
  /** The value of `Retry-After`, which a page can't read across origins. */
  retryAfterSeconds: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** What the person can change. Public, so it only describes their own input. */
  detail: v.exactOptional(v.string()),
  /** The factors with which the person can sign in so that the request succeeds. */
  methods: v.exactOptional(v.array(Factor)),
  /** `insufficient-user-authentication`: how old the sign-in may be, in seconds (RFC 9470, section 3). */
  maxAge: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** `insufficient-user-authentication`: how many factors the sign-in must have. */
  factors: v.exactOptional(v.picklist([1, 2])),
  /** `invalid-passkey`: true if no account has this passkey, so the browser may forget it. */
  unknown: v.exactOptional(v.literal(true)),
});
export type Problem = v.InferOutput<typeof Problem>;

/** Creates the body of an error response, without its optional members. */
export function problem(code: ProblemCode): Problem {
  return { type: `urn:problem-type:samesite-sso:${code}`, ...PROBLEMS[code], code };
}
