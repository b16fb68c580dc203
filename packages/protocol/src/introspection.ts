/**
 * Step 4 of 5, invisible to the page: the app's server introspects the token at the SSO service (RFC 7662),
 * which redeems it. The app authenticates with `private_key_jwt` (RFC 7523).
 */
import { type Static, Type } from 'typebox';
import { AuthenticationTokenClaims, CLIENT_ASSERTION_TYPE } from './tokens.ts';

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
  session_exp: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
});
export type ActiveToken = Static<typeof ActiveToken>;

/** The response doesn't reveal what is wrong with a token (RFC 7662, section 2.2). */
export const InactiveToken = Type.Object({ active: Type.Literal(false) }, { additionalProperties: false });
export type InactiveToken = Static<typeof InactiveToken>;

export const IntrospectionResponse = Type.Union([ActiveToken, InactiveToken]);
export type IntrospectionResponse = Static<typeof IntrospectionResponse>;
