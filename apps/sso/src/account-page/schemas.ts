/** The requests and responses of the account page. Unknown members of a request are refused. */
import { Account, boundedString, jsonObject, LoginRequest, SignedOut } from '@samesite-sso/protocol';
import * as v from 'valibot';

export const SessionOverview = v.strictObject({
  sid: v.string(),
  /** Whether this is the session of the request. */
  isThis: v.boolean(),
  /** The browser that signed in, such as `Firefox on Linux`. */
  device: v.string(),
  /** The IP address of the sign-in. */
  address: v.nullable(v.string()),
  /** ISO 8601, like the next two. */
  startedAt: v.string(),
  lastSeenAt: v.string(),
  /** The session ends then at the latest. */
  endsAt: v.string(),
  /** The apps that got a token from this session. */
  apps: v.array(v.strictObject({ origin: v.string(), name: v.string() })),
});
export type SessionOverview = v.InferOutput<typeof SessionOverview>;

export const SignedInOverview = v.strictObject({
  status: v.literal('signed in'),
  account: Account,
  /** This session first, then the most recently used, up to a limit. */
  sessions: v.array(SessionOverview),
  /** The number of all sessions. */
  sessionCount: v.pipe(v.number(), v.integer(), v.minValue(1)),
});
export type SignedInOverview = v.InferOutput<typeof SignedInOverview>;

export const Overview = v.variant('status', [SignedInOverview, SignedOut]);
export type Overview = v.InferOutput<typeof Overview>;

const { username, password } = LoginRequest.entries;

export const AccountLogin = v.strictObject({ username, password });
export type AccountLogin = v.InferOutput<typeof AccountLogin>;

export const AccountLogout = v.pipe(jsonObject, v.strictObject({}));

export const NamedSession = v.object({ sid: boundedString(1, 64) });
export type NamedSession = v.InferOutput<typeof NamedSession>;

/** The number of sessions that ended. */
export const Ended = v.strictObject({ ended: v.pipe(v.number(), v.integer(), v.minValue(0)) });
export type Ended = v.InferOutput<typeof Ended>;

export const PasswordRequest = v.strictObject({
  oldPassword: password,
  /** No minimum: a short password is a valid request, refused with `unfit-password`. */
  newPassword: boundedString(0, 4096),
});
export type PasswordRequest = v.InferOutput<typeof PasswordRequest>;
