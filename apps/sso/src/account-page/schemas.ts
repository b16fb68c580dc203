/** The requests and responses of the account page. Unknown members of a request are refused. */
import { Account, LoginRequest, SignedOut } from '@samesite-sso/protocol';
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false };

export const SessionOverview = Type.Object(
  {
    sid: Type.String(),
    /** Whether this is the session of the request. */
    isThis: Type.Boolean(),
    /** The browser that signed in, such as `Firefox on Linux`. */
    device: Type.String(),
    /** The IP address of the sign-in. */
    address: Type.Union([Type.String(), Type.Null()]),
    /** ISO 8601, like the next two. */
    startedAt: Type.String(),
    lastSeenAt: Type.String(),
    /** The session ends then at the latest. */
    endsAt: Type.String(),
    /** The apps that got a token from this session. */
    apps: Type.Array(Type.Object({ origin: Type.String(), name: Type.String() }, closed)),
  },
  closed,
);
export type SessionOverview = Static<typeof SessionOverview>;

export const SignedInOverview = Type.Object(
  {
    status: Type.Literal('signed in'),
    account: Account,
    /** This session first, then the most recently used, up to a limit. */
    sessions: Type.Array(SessionOverview),
    /** The number of all sessions. */
    sessionCount: Type.Integer({ minimum: 1 }),
  },
  closed,
);
export type SignedInOverview = Static<typeof SignedInOverview>;

export const Overview = Type.Union([SignedInOverview, SignedOut]);
export type Overview = Static<typeof Overview>;

const { username, password } = LoginRequest.properties;

export const AccountLogin = Type.Object({ username, password }, closed);
export type AccountLogin = Static<typeof AccountLogin>;

export const AccountLogout = Type.Object({}, closed);

export const NamedSession = Type.Object({ sid: Type.String({ minLength: 1, maxLength: 64 }) });
export type NamedSession = Static<typeof NamedSession>;

/** The number of sessions that ended. */
export const Ended = Type.Object({ ended: Type.Integer({ minimum: 0 }) }, closed);
export type Ended = Static<typeof Ended>;

export const PasswordRequest = Type.Object(
  {
    oldPassword: password,
    /** No minimum: a short password is a valid request, refused with `unfit-password`. */
    newPassword: Type.String({ maxLength: 4096 }),
  },
  closed,
);
export type PasswordRequest = Static<typeof PasswordRequest>;
