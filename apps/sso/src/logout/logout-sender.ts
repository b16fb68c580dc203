/** Sends a logout token to an app's server, once. `logout-delivery.ts` decides when. */
import { APP_PATHS } from '@samesite-sso/protocol';

/** Well below the 5 s within which apps must be notified. */
const LOGOUT_TIMEOUT_MS = 3000;

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
