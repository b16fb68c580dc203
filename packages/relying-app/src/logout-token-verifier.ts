/**
 * Is this logout token good? As OpenID Connect Back-Channel Logout 1.0 checks it (section 2.6), but for the
 * `jti`: whether that was used before only the database knows, so `app-sessions.ts` says. It asks nobody but
 * the SSO service for its keys.
 */

import { describeJwtError } from '@samesite-sso/core';
import {
  CLOCK_TOLERANCE_SECONDS,
  LOGOUT_TOKEN_TYPE,
  LogoutTokenClaims,
  SIGNATURE_ALGORITHMS,
} from '@samesite-sso/protocol';
import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import { Compile } from 'typebox/compile';
import type { RelyingAppOptions } from './options.ts';

/** Seconds by which `iat` may differ from now; a `jti` is remembered for longer (`app-sessions.ts`). */
const IAT_WINDOW_SECONDS = 300;

const isClaims = Compile(LogoutTokenClaims);

/** Why a logout was refused: for the log, never for the answer. */
export class InvalidLogoutTokenError extends Error {}

export class LogoutTokenVerifier {
  readonly #origin: string;
  readonly #ssoOrigin: string;
  readonly #ssoKeys: JWTVerifyGetKey;
  readonly #clock: () => number;

  constructor(
    { origin, ssoOrigin }: Pick<RelyingAppOptions, 'origin' | 'ssoOrigin'>,
    ssoKeys: JWTVerifyGetKey,
    clock: () => number,
  ) {
    this.#origin = origin;
    this.#ssoOrigin = ssoOrigin;
    this.#ssoKeys = ssoKeys;
    this.#clock = clock;
  }

  /** @throws {InvalidLogoutTokenError} whatever is wrong with it, the SSO service's keys out of reach included */
  async verify(token: string): Promise<LogoutTokenClaims> {
    const now = this.#clock();
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.#ssoKeys, {
        algorithms: SIGNATURE_ALGORITHMS,
        issuer: this.#ssoOrigin,
        audience: this.#origin,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(now),
      });
      // The library would let other spellings of the type pass.
      if (protectedHeader.typ !== LOGOUT_TOKEN_TYPE) throw new Error('typ is another');
      if (!isClaims.Check(payload)) throw new Error('claims are missing or malformed');
      if (Math.abs(payload.iat - now / 1000) > IAT_WINDOW_SECONDS) throw new Error('iat is too far from now');
      return payload;
    } catch (error) {
      throw new InvalidLogoutTokenError(describeJwtError(error));
    }
  }
}
