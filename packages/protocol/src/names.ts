/** The few names and limits that both sides of the wire must spell alike. */

/** Paths of the SSO service. */
export const SSO_PATHS = {
  /** Every cross-origin request of steps 2, 3 and 5: one URL, so that one preflight serves them all. */
  crossOrigin: '/',
  introspection: '/introspect',
  endSession: '/end-session',
  metadata: '/.well-known/oauth-authorization-server',
  keys: '/.well-known/jwks.json',
} as const;

/** Paths of an app, below its base path. */
export const APP_PATHS = {
  session: '/session',
  backchannelLogout: '/backchannel-logout',
  keys: '/.well-known/jwks.json',
} as const;

/**
 * A path below which an app has its endpoints: empty, or one or more `/segment` of unreserved characters
 * (RFC 3986, section 2.3). Dot segments are refused: a client would resolve them.
 */
export const BASE_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)*$/;

/**
 * Session cookies. The prefix binds a cookie to the one host that set it, over a secure channel and for
 * every path (RFC 6265bis, section 4.1.3.2), so no other host of the site can plant or overwrite it.
 */
export const COOKIES = { sso: '__Host-sso', app: '__Host-app' } as const;

/**
 * The whole seconds that an app session still lasts, in every response of `/session` that says "signed in". A
 * visible page renews the session before it ends, without a request that fails first.
 */
export const SESSION_MAX_AGE_HEADER = 'Session-Max-Age';

/**
 * `site` in the response to `DELETE /session?scope=site` where there was a session to end, so that the app's
 * server tells the SSO service. Without it, only the page can.
 */
export const SIGN_OUT_SCOPE_HEADER = 'Sign-Out-Scope';

/** The largest request body that any endpoint of the contract reads, in bytes. */
export const BODY_LIMIT_BYTES = 4096;

/**
 * Signature algorithms for tokens and client assertions, the preferred one first. Asymmetric only, and
 * a closed list: the `alg` of a token is a claim of its sender, not a decision (RFC 8725, section 3.1).
 */
export const SIGNATURE_ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256'];
