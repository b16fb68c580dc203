/**
 * Step 4, unseen by the page: the app's server asks the SSO service who a token stands for (RFC 7662),
 * and the token is spent by the answer. The app proves itself by `private_key_jwt` (RFC 7523).
 */
import { type Static, Type } from 'typebox';
import { AuthenticationTokenClaims, CLIENT_ASSERTION_TYPE } from './tokens.ts';

/** How an app's server proves itself (RFC 7523, section 2.2). */
export const ClientAuthentication = Type.Object({
  client_assertion_type: Type.Literal(CLIENT_ASSERTION_TYPE),
  client_assertion: Type.String({ minLength: 1, maxLength: 4096 }),
  /** Needed by nobody; where it is said, it is the app's origin (RFC 7521, section 4.2). */
  client_id: Type.Optional(Type.String()),
});

/** A form, `application/x-www-form-urlencoded`; unknown members are ignored (RFC 7662, section 2.1). */
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
  /** When the SSO session ends at the latest, in seconds since the epoch. */
  session_exp: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
});
export type ActiveToken = Static<typeof ActiveToken>;

/** Whatever is wrong with a token, the answer is this and nothing more (RFC 7662, section 2.2). */
export const InactiveToken = Type.Object({ active: Type.Literal(false) }, { additionalProperties: false });
export type InactiveToken = Static<typeof InactiveToken>;

export const IntrospectionAnswer = Type.Union([ActiveToken, InactiveToken]);
export type IntrospectionAnswer = Static<typeof IntrospectionAnswer>;
