/**
 * Single logout, from server to server; no page takes part. An app's server may end an SSO session of which
 * it has redeemed a token (`POST /end-session`). When an SSO session ends, the SSO service tells the server
 * of every app that got a token from it (OpenID Connect Back-Channel Logout 1.0).
 */
import { type Static, Type } from 'typebox';
import { ClientAuthentication } from './introspection.ts';

/**
 * A form, `application/x-www-form-urlencoded`; unknown members are ignored. A `sid` longer than any real one
 * is accepted: the session is unknown then, and the response doesn't reveal that.
 */
export const EndSessionRequest = Type.Object({
  sid: Type.String({ minLength: 1, maxLength: 4096 }),
  ...ClientAuthentication.properties,
});
export type EndSessionRequest = Static<typeof EndSessionRequest>;

/** `typ` of a logout token; no other is taken for one (Back-Channel Logout 1.0, section 2.4). */
export const LOGOUT_TOKEN_TYPE = 'logout+jwt';

/** The one member of `events` that makes a token mean a logout (section 2.4). */
export const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Seconds that a logout token lives: at most two minutes, as section 4 of the standard asks. */
export const LOGOUT_TOKEN_SECONDS = 120;

/** A form, `application/x-www-form-urlencoded`; unknown members are ignored (section 2.5). */
export const BackchannelLogoutRequest = Type.Object({
  logout_token: Type.String({ minLength: 1, maxLength: 4096 }),
});

const Seconds = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/**
 * What a logout token claims. The standard would let `sid` be left out where all of a person's sessions
 * end; here each session has its own token. A `nonce` is forbidden, so that no ID token passes for one.
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
