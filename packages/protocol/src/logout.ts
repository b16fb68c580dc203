/**
 * Single logout, from server to server. An app's server can end an SSO session from which it has redeemed a
 * token (`POST /end-session`). When an SSO session ends, the SSO service tells the server of every app that
 * received a token from it (OpenID Connect Back-Channel Logout 1.0).
 */
import { type Static, Type } from 'typebox';
import { ClientAuthentication } from './introspection.ts';

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

const Seconds = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

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
