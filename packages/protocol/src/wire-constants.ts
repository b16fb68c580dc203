/** Names and limits on which both sides of the wire must agree. */

/** Paths of the SSO service. */
export const SSO_PATHS = {
  /** Steps 2, 3 and 5 and the logout: one URL, so that one preflight covers all cross-origin requests. */
  crossOrigin: '/',
  introspection: '/introspect',
  endSession: '/end-session',
  metadata: '/.well-known/oauth-authorization-server',
  keys: '/.well-known/jwks.json',
} as const;

/** Paths of an app, relative to its base path. */
export const APP_PATHS = {
  session: '/session',
  backchannelLogout: '/backchannel-logout',
  keys: '/.well-known/jwks.json',
} as const;

/**
 * The base path of an app's endpoints: empty, or one or more `/segment` of unreserved characters (RFC 3986,
 * section 2.3). Dot segments are refused, since clients would resolve them.
 */
export const BASE_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)*$/;

/**
 * Session cookies. The prefix binds a cookie to the host that set it over a secure channel (RFC 6265bis,
 * section 4.1.3.2), so that no other host of the site can set or overwrite it.
 */
export const COOKIES = { sso: '__Host-sso', app: '__Host-app' } as const;

/**
 * The remaining seconds of the app session, in every response of `/session` that says "signed in". A visible
 * page renews the session before it ends, so that no request has to fail first.
 */
export const SESSION_MAX_AGE_HEADER = 'Session-Max-Age';

/**
 * `site` in the response to `DELETE /session?scope=site` if there was an app session. The app's server then
 * ends the SSO session, too. Without this header, only the page can.
 */
export const SIGN_OUT_SCOPE_HEADER = 'Sign-Out-Scope';

/** The largest request body that an endpoint of the protocol accepts. */
export const BODY_LIMIT_BYTES = 4096;

/**
 * Signature algorithms that verifiers of tokens and client assertions accept, the preferred one first.
 * `EdDSA` is the older name of `Ed25519` (RFC 9864). Asymmetric only, and a closed list: a token's `alg` is
 * its sender's claim and decides nothing (RFC 8725, section 3.1).
 */
export const SIGNATURE_ALGORITHMS = ['Ed25519', 'EdDSA', 'ES256'];
