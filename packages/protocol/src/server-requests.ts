/**
 * What servers send to each other. In step 4 of 5, the app's server introspects the authentication token of
 * step 3 at the SSO service (RFC 7662), which redeems it; the app authenticates by a client assertion (RFC
 * 7523). In single logout, an app's server ends an SSO session from which it has redeemed a token, and the
 * SSO service notifies every app that received a token from a session that ended (OpenID Connect Back-Channel
 * Logout 1.0).
 */
import * as v from 'valibot';
import { AuthenticationMethods, boundedString, GroupName, jsonObject } from './schema-parts.ts';

const Seconds = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** `typ` of an authentication token: explicit, so no other JWT can pass for one (RFC 8725, section 3.11). */
export const AUTHENTICATION_TOKEN_TYPE = 'authentication-token+jwt';

export const AuthenticationTokenClaims = v.object({
  /** The SSO origin. */
  iss: v.string(),
  /** The origin of the one app that may redeem it. */
  aud: v.string(),
  /** The account's id. */
  sub: boundedString(1, 64),
  /** The SSO session id: a public identifier, never the cookie's value. */
  sid: boundedString(1, 64),
  jti: boundedString(1, 64),
  iat: Seconds,
  exp: Seconds,
});
export type AuthenticationTokenClaims = v.InferOutput<typeof AuthenticationTokenClaims>;

/** RFC 7523, section 2.2. */
export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** How far in the future a client assertion may expire, and how much the clocks of two servers may differ. */
export const CLIENT_ASSERTION_MAX_SECONDS = 60;
export const CLOCK_TOLERANCE_SECONDS = 5;

export const ClientAssertionClaims = v.object({
  /** The app's origin, like `sub`. */
  iss: v.string(),
  sub: v.string(),
  aud: v.union([v.string(), v.strictTuple([v.string()])]),
  jti: boundedString(1, 256),
  exp: v.pipe(v.number(), v.finite()),
});
export type ClientAssertionClaims = v.InferOutput<typeof ClientAssertionClaims>;

/** How an app's server authenticates (RFC 7523, section 2.2). */
export const ClientAuthentication = v.object({
  client_assertion_type: v.literal(CLIENT_ASSERTION_TYPE),
  client_assertion: boundedString(1, 4096),
  /** Not needed. If present, it must be the app's origin (RFC 7521, section 4.2). */
  client_id: v.exactOptional(v.string()),
});

/** `application/x-www-form-urlencoded`. Unknown members are ignored (RFC 7662, section 2.1). */
export const IntrospectionRequest = v.object({
  token: boundedString(1, 4096),
  ...ClientAuthentication.entries,
});
export type IntrospectionRequest = v.InferOutput<typeof IntrospectionRequest>;

export const ActiveToken = v.object({
  active: v.literal(true),
  ...AuthenticationTokenClaims.entries,
  username: boundedString(1, 254),
  /** The display name. */
  name: boundedString(1, 128),
  /** The latest end of the SSO session, in seconds since the epoch. */
  session_exp: Seconds,
  /** The groups of the account, sorted. */
  groups: v.array(GroupName),
  /** When the person last signed in, in seconds since the epoch (OpenID Connect Core 1.0, section 2). */
  auth_time: Seconds,
  /** How the person signed in then (RFC 8176): `auth_time` and `amr` are about the same sign-in. */
  amr: AuthenticationMethods,
});
export type ActiveToken = v.InferOutput<typeof ActiveToken>;

/** The response doesn't reveal what is wrong with a token (RFC 7662, section 2.2). */
export const InactiveToken = v.strictObject({ active: v.literal(false) });
export type InactiveToken = v.InferOutput<typeof InactiveToken>;

export const IntrospectionResponse = v.variant('active', [ActiveToken, InactiveToken]);
export type IntrospectionResponse = v.InferOutput<typeof IntrospectionResponse>;

/**
 * `application/x-www-form-urlencoded`. Unknown members are ignored. The limit of `sid` is above any real
 * length, so that a long one is treated like any unknown session: the response doesn't reveal the difference.
 */
export const EndSessionRequest = v.object({ sid: boundedString(1, 4096), ...ClientAuthentication.entries });
export type EndSessionRequest = v.InferOutput<typeof EndSessionRequest>;

/** The only accepted `typ` of a logout token (Back-Channel Logout 1.0, section 2.4). */
export const LOGOUT_TOKEN_TYPE = 'logout+jwt';

/** The member of `events` that marks a logout token (section 2.4). */
export const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** The lifetime of a logout token: two minutes, the longest that section 4 of the standard recommends. */
export const LOGOUT_TOKEN_SECONDS = 120;

/** `application/x-www-form-urlencoded`. Unknown members are ignored (section 2.5). */
export const BackchannelLogoutRequest = v.object({ logout_token: boundedString(1, 4096) });

/**
 * The claims of a logout token. The standard makes `sid` optional, for ending all sessions of a person. Here
 * each session has its own token. A `nonce` is forbidden, so that an ID token can't be used as a logout
 * token.
 */
export const LogoutTokenClaims = v.object({
  /** The SSO origin. */
  iss: v.string(),
  /** The app's origin. */
  aud: v.union([v.string(), v.strictTuple([v.string()])]),
  /** The account's id. */
  sub: v.exactOptional(boundedString(1, 64)),
  /** The SSO session that has ended. */
  sid: boundedString(1, 64),
  jti: boundedString(1, 256),
  iat: Seconds,
  exp: Seconds,
  events: v.object({ [LOGOUT_EVENT]: jsonObject }),
  nonce: v.exactOptional(v.never()),
});
export type LogoutTokenClaims = v.InferOutput<typeof LogoutTokenClaims>;
