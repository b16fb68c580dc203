/**
 * Validates a logout token as OpenID Connect Back-Channel Logout 1.0, section 2.6, requires, except that only
 * the store knows whether its `jti` has been used (`storage/app-store.ts`). It needs the SSO service only for
 * its public keys.
 */
import { describeJwtError } from '@samesite-sso/core';
import { LOGOUT_TOKEN_TYPE, LogoutTokenClaims } from '@samesite-sso/protocol';
import { type JwtContext, verifySsoJwt } from './sso-jwt-verifier.ts';

/** How far `iat` may be from now. A `jti` is remembered for longer (`RETENTION_MS`). */
const IAT_WINDOW_SECONDS = 300;

/** Its message is for the log only, never for the response. */
export class InvalidLogoutTokenError extends Error {
  override readonly name = 'InvalidLogoutTokenError';
}

/** @throws {InvalidLogoutTokenError} also when the SSO service's keys can't be fetched */
export async function verifyLogoutToken(token: string, context: JwtContext): Promise<LogoutTokenClaims> {
  try {
    const claims = await verifySsoJwt(token, LOGOUT_TOKEN_TYPE, LogoutTokenClaims, context);
    const ageSeconds = context.clock() / 1000 - claims.iat;
    if (Math.abs(ageSeconds) > IAT_WINDOW_SECONDS) throw new Error('iat is too far from now');
    return claims;
  } catch (error) {
    throw new InvalidLogoutTokenError(describeJwtError(error));
  }
}
