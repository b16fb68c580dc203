/**
 * Checks that the authentication token and the logout token share: both are JWTs that the SSO service signs
 * for this app, told apart by `typ`. The two verifiers add what is particular to each.
 */

import { CLOCK_TOLERANCE_SECONDS, SIGNATURE_ALGORITHMS } from '@samesite-sso/protocol';
import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { RelyingAppOptions } from './options.ts';

export interface SsoJwtChecks {
  /** `typ`, compared exactly. */
  type: string;
  origins: Pick<RelyingAppOptions, 'origin' | 'ssoOrigin'>;
  ssoKeys: JWTVerifyGetKey;
  /** The current time in milliseconds since the epoch. */
  now: number;
}

/**
 * @returns the claims, of which signature, `typ`, `iss`, `aud`, `exp` and `nbf` have been checked
 * @throws {Error} for `describeJwtError`, or {JwksUnreachableError}
 */
export async function verifySsoJwt(token: string, checks: SsoJwtChecks): Promise<JWTPayload> {
  const { type, origins, ssoKeys, now } = checks;
  const { payload, protectedHeader } = await jwtVerify(token, ssoKeys, {
    algorithms: SIGNATURE_ALGORITHMS,
    issuer: origins.ssoOrigin,
    audience: origins.origin,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    currentDate: new Date(now),
  });
  // jose's `typ` option ignores case and accepts the prefix "application/". The contract has one spelling.
  if (protectedHeader.typ !== type) throw new Error(`typ is not ${type}`);
  return payload;
}
