/**
 * The members of requests and responses that are shown, by the schemas of `packages/protocol` and of the
 * account page. A new member is hidden until a rule here shows it.
 */
import { CLIENT_ASSERTION_TYPE, PROBLEMS } from '@samesite-sso/protocol';
import {
  address,
  flag,
  hidden,
  identifier,
  keyText,
  known,
  knownOrigin,
  list,
  listOr,
  number,
  object,
  type Rule,
  text,
} from './rules.ts';
import { token } from './tokens.ts';

/** The names of the requests to the cross-origin endpoint. They are also the requests' purposes. */
export const REQUEST_NAMES: readonly unknown[] = [
  ...['login status', 'authentication token', 'login', 'logout'],
  ...['passkey challenge', 'passkey login'],
];

/** Without these rules, the members would be counted but not named. Their values are hidden either way. */
const SECRETS = {
  password: hidden,
  oldPassword: hidden,
  newPassword: hidden,
  secret: hidden,
  recoveryCodes: hidden,
  credential: hidden,
  uri: hidden,
} satisfies Record<string, Rule>;

const username = text(254);
const displayName = text(128);

const account = object({ id: identifier, username, displayName });

/** ISO 8601. */
const time = text(30, /^[\d:.TZ-]+$/);

const session = object({
  sid: identifier,
  isThis: flag,
  device: text(100),
  address: hidden,
  startedAt: time,
  lastSeenAt: time,
  endsAt: time,
  apps: list(object({ origin: address, name: text(100) })),
});

/** A public key. A private key's `d` has no rule. */
const publicKey = object({
  kty: text(10, /^\w+$/),
  crv: text(20, /^[\w-]+$/),
  x: keyText,
  kid: keyText,
  use: text(10, /^\w+$/),
  alg: text(20, /^[\w-]+$/),
});

export const requestRule = object({
  ...SECRETS,
  /** A one-time code. In a response it is the code of a problem. */
  code: hidden,
  request: known(...REQUEST_NAMES),
  username,
  token,
  client_assertion: token,
  client_assertion_type: known(CLIENT_ASSERTION_TYPE),
  client_id: knownOrigin,
  logout_token: token,
  sid: identifier,
});

const problems = Object.entries(PROBLEMS);

export const responseRule = object({
  ...SECRETS,
  // The flow, steps 1 to 5, and the sign-out.
  status: known('signed in', 'signed out', ...problems.map(([, { status }]) => status)),
  account,
  token,
  expiresIn: number,
  // Problems (RFC 9457).
  type: text(100, /^urn:problem-type:samesite-sso:[a-z-]+$/),
  title: known(...problems.map(([, { title }]) => title)),
  code: known(...problems.map(([code]) => code)),
  detail: text(200),
  retryAfterSeconds: number,
  unknown: flag,
  methods: list(known('passkey', 'code', 'password')),
  maxAge: number,
  factors: known(1, 2),
  // The options of `navigator.credentials.get`. The challenge is a part of what signs in.
  publicKey: object({ challenge: hidden, rpId: text(253), timeout: number, userVerification: text(20) }),
  // Introspection (RFC 7662), and the errors of OAuth 2.0.
  active: flag,
  iss: knownOrigin,
  sub: identifier,
  aud: listOr(list(knownOrigin), knownOrigin),
  sid: identifier,
  jti: identifier,
  iat: number,
  exp: number,
  session_exp: number,
  auth_time: number,
  amr: list(known('pwd', 'otp', 'mfa', 'pop', 'user')),
  username,
  name: displayName,
  error: known('invalid_request', 'invalid_client'),
  // Key sets and metadata (RFC 8414).
  keys: list(publicKey),
  issuer: address,
  introspection_endpoint: address,
  introspection_endpoint_auth_methods_supported: list(text(40)),
  introspection_endpoint_auth_signing_alg_values_supported: list(text(20)),
  authentication_token_signing_alg_values_supported: list(text(20)),
  jwks_uri: address,
  backchannel_logout_supported: flag,
  backchannel_logout_session_supported: flag,
  // The account page, and foo's `/api/me`.
  sessions: list(session),
  session,
  sessionCount: number,
  ended: number,
});
