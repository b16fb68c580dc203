/** What the account page sends and is answered. A member that a request does not know is refused. */
import { Account, LoginRequest, SignedOut } from '@samesite-sso/protocol';
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false };

export const SessionOverview = Type.Object(
  {
    sid: Type.String(),
    /** Whether it is the session of the browser that asks. */
    isThis: Type.Boolean(),
    /** `Firefox on Linux`: what the browser called itself at the login. */
    device: Type.String(),
    /** The IP address that the login came from. */
    address: Type.Union([Type.String(), Type.Null()]),
    /** ISO 8601, as the next two. */
    startedAt: Type.String(),
    lastSeenAt: Type.String(),
    /** At the latest. */
    endsAt: Type.String(),
    /** The apps that got a token from it. */
    apps: Type.Array(Type.Object({ origin: Type.String(), name: Type.String() }, closed)),
  },
  closed,
);
export type SessionOverview = Static<typeof SessionOverview>;

export const SignedInOverview = Type.Object(
  {
    status: Type.Literal('signed in'),
    account: Account,
    /** This session first, then those used most recently; not all of them where there are many. */
    sessions: Type.Array(SessionOverview),
    /** How many sessions there are in all. */
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

/** How many sessions ended. */
export const Ended = Type.Object({ ended: Type.Integer({ minimum: 0 }) }, closed);
export type Ended = Static<typeof Ended>;

export const PasswordRequest = Type.Object(
  {
    oldPassword: password,
    /** One that is too short is unfit, not malformed. */
    newPassword: Type.String({ maxLength: 4096 }),
  },
  closed,
);
export type PasswordRequest = Static<typeof PasswordRequest>;
