/** Creates logout tokens and sends each to an app's server, once. `logout-delivery.ts` decides when. */
import { randomUUID } from 'node:crypto';
import type { KeyRing } from '@samesite-sso/core';
import {
  APP_PATHS,
  LOGOUT_EVENT,
  LOGOUT_TOKEN_SECONDS,
  LOGOUT_TOKEN_TYPE,
  type LogoutTokenClaims,
} from '@samesite-sso/protocol';

/** Well below the 5 s within which apps must be notified. */
const LOGOUT_TIMEOUT_MS = 3000;

/**
 * OpenID Connect Back-Channel Logout 1.0, section 2.4.
 *
 * @param issuedAt milliseconds since the epoch
 */
export function createLogoutToken(
  keys: KeyRing,
  { issuer, appOrigin, accountId, sid }: Record<'issuer' | 'appOrigin' | 'accountId' | 'sid', string>,
  issuedAt: number,
): string {
  const iat = Math.floor(issuedAt / 1000);
  const claims: LogoutTokenClaims = {
    iss: issuer,
    aud: appOrigin,
    sub: accountId,
    sid,
    // Each attempt needs its own: an app refuses a `jti` it has seen.
    jti: randomUUID(),
    iat,
    exp: iat + LOGOUT_TOKEN_SECONDS,
    events: { [LOGOUT_EVENT]: {} },
  };
  return keys.sign(LOGOUT_TOKEN_TYPE, claims);
}

/**
 * @param server base URL of the app's server
 * @param stopped aborts the request
 * @returns the HTTP status; the response body isn't read
 * @throws {Error} if the app redirects or doesn't respond in time
 */
export async function sendLogoutToken(server: string, token: string, stopped?: AbortSignal): Promise<number> {
  const timeout = AbortSignal.timeout(LOGOUT_TIMEOUT_MS);
  const response = await fetch(server + APP_PATHS.backchannelLogout, {
    method: 'POST',
    body: new URLSearchParams({ logout_token: token }),
    redirect: 'error',
    signal: stopped === undefined ? timeout : AbortSignal.any([timeout, stopped]),
  });
  await response.body?.cancel();
  return response.status;
}
