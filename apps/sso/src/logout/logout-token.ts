/** Creates logout tokens (OpenID Connect Back-Channel Logout 1.0, section 2.4). */
import { randomUUID } from 'node:crypto';
import type { KeyRing } from '@samesite-sso/core';
import {
  LOGOUT_EVENT,
  LOGOUT_TOKEN_SECONDS,
  LOGOUT_TOKEN_TYPE,
  type LogoutTokenClaims,
} from '@samesite-sso/protocol';

/** @param now milliseconds since the epoch */
export async function createLogoutToken(
  keys: KeyRing,
  { issuer, app, accountId, sid }: { issuer: string; app: string; accountId: string; sid: string },
  now: number,
): Promise<string> {
  const iat = Math.floor(now / 1000);
  const claims: LogoutTokenClaims = {
    iss: issuer,
    aud: app,
    sub: accountId,
    sid,
    // Each attempt needs its own: an app refuses a `jti` it has seen.
    jti: randomUUID(),
    iat,
    exp: iat + LOGOUT_TOKEN_SECONDS,
    events: { [LOGOUT_EVENT]: {} },
  };
  return await keys.sign(LOGOUT_TOKEN_TYPE, claims);
}
