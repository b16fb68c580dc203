/**
 * What servers send to each other. In step 4 of 5, the app's server introspects the authentication token of
 * step 3 at the SSO service (RFC 7662), which redeems it; the app authenticates by a client assertion (RFC
 * 7523). In single logout, an app's server ends an SSO session from which it has redeemed a token, and the
 * SSO service notifies every app that received a token from a session that ended (OpenID Connect Back-Channel
 * Logout 1.0).
 */
import { type Static, Type } from 'typebox';

const Seconds = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** `typ` of an authentication token: explicit, so no other JWT can pass for one (RFC 8725, section 3.11). */
export const AUTHENTICATION_TOKEN_TYPE = 'authentication-token+jwt';

export const AuthenticationTokenClaims = Type.Object({
  /** The SSO origin. */
  iss: Type.String(),
  /** The origin of the one app that may redeem it. */
  aud: Type.String(),
  /** The account's id. */
  sub: Type.String({ minLength: 1, maxLength: 64 }),
  /** The SSO session id: a public identifier, never the cookie's value. */
  sid: Type.String({ minLength: 1, maxLength: 64 }),
  jti: Type.String({ minLength: 1, maxLength: 64 }),
  iat: Seconds,
  exp: Seconds,
});
export type AuthenticationTokenClaims = Static<typeof AuthenticationTokenClaims>;

/** RFC 7523, section 2.2. */
export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** How far in the future a client assertion may expire, and how much the clocks of two servers may differ. */
export const CLIENT_ASSERTION_MAX_SECONDS = 60;
export const CLOCK_TOLERANCE_SECONDS = 5;

export const ClientAssertionClaims = Type.Object({
  /** The app's origin, like `sub`. */
  iss: Type.String(),
  sub: Type.String(),
  aud: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1, maxItems: 1 })]),
  jti: Type.String({ minLength: 1, maxLength: 256 }),
  exp: Type.Number(),
});
export type ClientAssertionClaims = Static<typeof ClientAssertionClaims>;

/** How an app's server authenticates (RFC 7523, section 2.2). */
export const ClientAuthentication = Type.Object({
  client_assertion_type: Type.Literal(CLIENT_ASSERTION_TYPE),
  client_assertion: Type.String({ minLength: 1, maxLength: 4096 }),
  /** Not needed. If present, it must be the app's origin (RFC 7521, section 4.2). */
  client_id: Type.Optional(Type.String()),
});

/** `application/x-www-form-urlencoded`. Unknown members are ignored (RFC 7662, section 2.1). */
export const IntrospectionRequest = Type.Object({
  token: Type.String({ minLength: 1, maxLength: 4096 }),
  ...ClientAuthentication.properties,
});
export type IntrospectionRequest = Static<typeof IntrospectionRequest>;

export const ActiveToken = Type.Object({
  active: Type.Literal(true),
  ...AuthenticationTokenClaims.properties,
  username: Type.String({ minLength: 1, maxLength: 254 }),
  /** The display name. */
  name: Type.String({ minLength: 1, maxLength: 128 }),
  /** The latest end of the SSO session, in seconds since the epoch. */
  session_exp: Seconds,
});
export type ActiveToken = Static<typeof ActiveToken>;

/** The response doesn't reveal what is wrong with a token (RFC 7662, section 2.2). */
export const InactiveToken = Type.Object({ active: Type.Literal(false) }, { additionalProperties: false });
export type InactiveToken = Static<typeof InactiveToken>;

export const IntrospectionResponse = Type.Union([ActiveToken, InactiveToken]);
export type IntrospectionResponse = Static<typeof IntrospectionResponse>;

/**
 * `application/x-www-form-urlencoded`. Unknown members are ignored. The limit of `sid` is above any real
 * length, so that a long one is treated like any unknown session: the response doesn't reveal the difference.
 */
export const EndSessionRequest = Type.Object({
  sid: Type.String({ minLength: 1, maxLength: 4096 }),
  ...ClientAuthentication.properties,
});
export type EndSessionRequest = Static<typeof EndSessionRequest>;

/** The only accepted `typ` of a logout token (Back-Channel Logout 1.0, section 2.4). */
export const LOGOUT_TOKEN_TYPE = 'logout+jwt';

/** The member of `events` that marks a logout token (section 2.4). */
export const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** The lifetime of a logout token: two minutes, the longest that section 4 of the standard recommends. */
export const LOGOUT_TOKEN_SECONDS = 120;

/** `application/x-www-form-urlencoded`. Unknown members are ignored (section 2.5). */
export const BackchannelLogoutRequest = Type.Object({
  logout_token: Type.String({ minLength: 1, maxLength: 4096 }),
});

/**
 * The claims of a logout token. The standard makes `sid` optional, for ending all sessions of a person. Here
 * each session has its own token. A `nonce` is forbidden, so that an ID token can't be used as a logout
 * token.
 */
export const LogoutTokenClaims = Type.Object({
  /** The SSO origin. */
  iss: Type.String(),
  /** The app's origin. */
  aud: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1, maxItems: 1 })]),
  /** The account's id. */
  sub: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  /** The SSO session that has ended. */
  sid: Type.String({ minLength: 1, maxLength: 64 }),
  jti: Type.String({ minLength: 1, maxLength: 256 }),
  iat: Seconds,
  exp: Seconds,
  events: Type.Object({ [LOGOUT_EVENT]: Type.Object({}) }),
  nonce: Type.Optional(Type.Never()),
});
export type LogoutTokenClaims = Static<typeof LogoutTokenClaims>;
