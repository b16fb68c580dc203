/**
 * Verifies what authentication tokens and logout tokens have in common: the SSO service signs both for this
 * app, and `typ` tells them apart. `token-verifier.ts` and `logout-token-verifier.ts` add the rest.
 */
import { isStorableText } from '@samesite-sso/core';
import { CLOCK_TOLERANCE_SECONDS, SIGNATURE_ALGORITHMS } from '@samesite-sso/protocol';
import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as v from 'valibot';
import type { RelyingAppOptions } from './options.ts';

/** The audience and the issuer that a JWT must name, the issuer's keys, and the current time. */
export interface JwtContext extends Pick<RelyingAppOptions, 'origin' | 'ssoOrigin'> {
  ssoKeys: JWTVerifyGetKey;
  clock: () => number;
}

/**
 * @returns the claims, after checking signature, `typ`, `iss`, `aud`, `exp`, `nbf`, the schema, and that
 *   their texts can be stored
 * @throws {Error} for `describeJwtError`; a {JwksUnreachableError} if the keys can't be fetched
 */
export async function verifySsoJwt<Claims>(
  token: string,
  type: string,
  schema: v.GenericSchema<Claims>,
  { origin, ssoOrigin, ssoKeys, clock }: JwtContext,
): Promise<Claims> {
  const { payload, protectedHeader } = await jwtVerify(token, ssoKeys, {
    algorithms: SIGNATURE_ALGORITHMS,
    issuer: ssoOrigin,
    audience: origin,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    currentDate: new Date(clock()),
  });
  // jose's `typ` option ignores case and accepts the prefix "application/". The protocol has one spelling.
  if (protectedHeader.typ !== type) throw new Error(`typ is not ${type}`);
  if (!v.is(schema, payload)) throw new Error('claims are missing or malformed');
  if (Object.values(payload).some((value) => typeof value === 'string' && !isStorableText(value))) {
    throw new Error('claims contain U+0000 or a lone surrogate');
  }
  return payload;
}
