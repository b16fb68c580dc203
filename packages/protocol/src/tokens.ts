/**
 * The two signed tokens of the flow: the authentication token, which carries an SSO session over to one app
 * (steps 3 and 4), and the client assertion, with which that app's server authenticates to introspect the
 * token. The two servers sign and verify them.
 */
import { type Static, Type } from 'typebox';

/** `typ` of an authentication token: explicit, so no other JWT can pass for one (RFC 8725, section 3.11). */
export const AUTHENTICATION_TOKEN_TYPE = 'authentication-token+jwt';

const Seconds = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

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
  /** The app's origin, as is `sub`. */
  iss: Type.String(),
  sub: Type.String(),
  aud: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1, maxItems: 1 })]),
  jti: Type.String({ minLength: 1, maxLength: 256 }),
  exp: Type.Number(),
});
export type ClientAssertionClaims = Static<typeof ClientAssertionClaims>;
