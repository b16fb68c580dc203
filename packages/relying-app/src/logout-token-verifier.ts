/**
 * Validates a logout token as OpenID Connect Back-Channel Logout 1.0, section 2.6, requires, except that only
 * the database knows whether its `jti` has been used (`app-sessions.ts`). It needs the SSO service only for
 * its public keys.
 */

import { describeJwtError } from '@samesite-sso/core';
import { LOGOUT_TOKEN_TYPE, LogoutTokenClaims } from '@samesite-sso/protocol';
import type { JWTVerifyGetKey } from 'jose';
import { Compile } from 'typebox/compile';
import type { RelyingAppOptions } from './options.ts';
import { verifySsoJwt } from './sso-jwt.ts';

/** How far `iat` may be from now. A `jti` is remembered for longer (`app-sessions.ts`). */
const IAT_WINDOW_SECONDS = 300;

const claimsSchema = Compile(LogoutTokenClaims);

/** Its message is for the log only, never for the response. */
export class InvalidLogoutTokenError extends Error {
  override readonly name = 'InvalidLogoutTokenError';
}

export class LogoutTokenVerifier {
  readonly #origins: Pick<RelyingAppOptions, 'origin' | 'ssoOrigin'>;
  readonly #ssoKeys: JWTVerifyGetKey;
  readonly #clock: () => number;

  constructor(
    origins: Pick<RelyingAppOptions, 'origin' | 'ssoOrigin'>,
    ssoKeys: JWTVerifyGetKey,
    clock: () => number,
  ) {
    this.#origins = origins;
    this.#ssoKeys = ssoKeys;
    this.#clock = clock;
  }

  /** @throws {InvalidLogoutTokenError} also when the SSO service's keys can't be fetched */
  async verify(token: string): Promise<LogoutTokenClaims> {
    const now = this.#clock();
    try {
      const checks = { type: LOGOUT_TOKEN_TYPE, origins: this.#origins, ssoKeys: this.#ssoKeys, now };
      const claims = await verifySsoJwt(token, checks);
      if (!claimsSchema.Check(claims)) throw new Error('claims are missing or malformed');
      if (Math.abs(claims.iat - now / 1000) > IAT_WINDOW_SECONDS) throw new Error('iat is too far from now');
      return claims;
    } catch (error) {
      throw new InvalidLogoutTokenError(describeJwtError(error));
    }
  }
}
