/** The requests and responses of the account page. Unknown members of a request are refused. */
import {
  Account,
  AuthenticationCredential,
  boundedString,
  jsonObject,
  LoginRequest,
  SignedOut,
} from '@samesite-sso/protocol';
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

/** What the person can sign in with besides the password. */
export const FactorOverview = v.strictObject({
  passkeys: v.array(
    v.strictObject({
      id: v.string(),
      name: v.string(),
      /** ISO 8601, like the next one. */
      createdAt: v.string(),
      lastUsedAt: v.nullable(v.string()),
    }),
  ),
  /** Whether there is an authenticator app. */
  authenticator: v.boolean(),
  /** The number of unused ones. */
  recoveryCodes: v.number(),
});
export type FactorOverview = v.InferOutput<typeof FactorOverview>;

/** A change of the person's factors. */
export const FactorChangeOverview = v.strictObject({
  kind: v.picklist([
    'passkey added',
    'passkey removed',
    'authenticator added',
    'authenticator removed',
    'recovery codes replaced',
  ]),
  /** The name of the passkey. */
  detail: v.nullable(v.string()),
  /** ISO 8601. */
  at: v.string(),
});
export type FactorChangeOverview = v.InferOutput<typeof FactorChangeOverview>;

export const SignedInOverview = v.strictObject({
  status: v.literal('signed in'),
  account: Account,
  /** This session first, then the most recently used, up to a limit. */
  sessions: v.array(SessionOverview),
  /** The number of all sessions. */
  sessionCount: v.pipe(v.number(), v.integer(), v.minValue(1)),
  factors: FactorOverview,
  /** For the browser, which may forget all other passkeys of this user handle; null before the first one. */
  passkeyUser: v.nullable(v.strictObject({ rpId: v.string(), id: v.string() })),
  /** Whether the service can keep the secret of an authenticator app. */
  canAddAuthenticator: v.boolean(),
  /** The changes of the factors within 90 days, newest first; of each kind only the latest ones. */
  factorChanges: v.array(FactorChangeOverview),
});
export type SignedInOverview = v.InferOutput<typeof SignedInOverview>;

export const Overview = v.variant('status', [SignedInOverview, SignedOut]);
export type Overview = v.InferOutput<typeof Overview>;

const { username, password, code } = LoginRequest.entries;

export const AccountLogin = v.union([
  v.strictObject({ username, password, code }),
  v.strictObject({ credential: AuthenticationCredential }),
]);
export type AccountLogin = v.InferOutput<typeof AccountLogin>;

export const EmptyRequest = v.pipe(jsonObject, v.strictObject({}));

/** Another sign-in of the person who is signed in. */
export const ReauthenticationRequest = v.union([
  v.strictObject({ password, code }),
  v.strictObject({ credential: AuthenticationCredential }),
]);
export type ReauthenticationRequest = v.InferOutput<typeof ReauthenticationRequest>;

/** The empty response to a change. */
export const Done = v.strictObject({});

/** An authenticator app to be confirmed. */
export const NewAuthenticator = v.strictObject({
  /** In base 32. */
  secret: v.string(),
  /** For a QR code. */
  uri: v.string(),
});
export type NewAuthenticator = v.InferOutput<typeof NewAuthenticator>;

/** The first code of an authenticator app. */
export const AuthenticatorCode = v.strictObject({ code: boundedString(0, 4096) });
export type AuthenticatorCode = v.InferOutput<typeof AuthenticatorCode>;

export const NewRecoveryCodes = v.strictObject({ recoveryCodes: v.array(v.string()) });
export type NewRecoveryCodes = v.InferOutput<typeof NewRecoveryCodes>;

/** A text of another length is an invalid secret, `invalid-invitation`, not an invalid request. */
const secret = boundedString(0, 4096);

export const InvitationRequest = v.strictObject({ secret });
export type InvitationRequest = v.InferOutput<typeof InvitationRequest>;

/** Whose password the holder of an invitation may set. */
export const InvitedAccount = v.strictObject({ account: Account });
export type InvitedAccount = v.InferOutput<typeof InvitedAccount>;

/** No minimum for the password, as in {@link PasswordRequest}. */
export const InvitationAcceptance = v.strictObject({ secret, password: boundedString(0, 4096) });
export type InvitationAcceptance = v.InferOutput<typeof InvitationAcceptance>;

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
