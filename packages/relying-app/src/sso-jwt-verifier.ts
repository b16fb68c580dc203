/**
 * Verifies what the authentication token and the logout token have in common: both are JWTs that the SSO
 * service signs for this app, and `typ` distinguishes them. Their own verifiers add the rest.
 */

import { CLOCK_TOLERANCE_SECONDS, SIGNATURE_ALGORITHMS } from '@samesite-sso/protocol';
import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { RelyingAppOptions } from './options.ts';

/** A guard for the claims, such as a compiled schema. */
interface ClaimsSchema<Claims> {
  Check(claims: unknown): claims is Claims;
}

export class SsoJwtVerifier {
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

  /**
   * @returns the claims, after checking signature, `typ`, `iss`, `aud`, `exp`, `nbf` and the schema
   * @throws {Error} for `describeJwtError`; a {JwksUnreachableError} if the keys can't be fetched
   */
  async verify<Claims>(token: string, type: string, schema: ClaimsSchema<Claims>): Promise<Claims> {
    const { payload, protectedHeader } = await jwtVerify(token, this.#ssoKeys, {
      algorithms: SIGNATURE_ALGORITHMS,
      issuer: this.#origins.ssoOrigin,
      audience: this.#origins.origin,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(this.#clock()),
    });
    // jose's `typ` option ignores case and accepts the prefix "application/". The contract has one spelling.
    if (protectedHeader.typ !== type) throw new Error(`typ is not ${type}`);
    if (!schema.Check(payload)) throw new Error('claims are missing or malformed');
    return payload;
  }
}
