/** One back-channel request: a logout token on its way to an app's server. When to send is `logout-delivery.ts`'s. */
import { APP_PATHS } from '@samesite-sso/protocol';

/** Milliseconds that an app may take to answer, well below the contract's 5 s. */
const REQUEST_TIMEOUT_MS = 3000;

/**
 * @param server base URL of the app's server
 * @param stopped ends the attempt early
 * @returns the HTTP status; whatever else the app answers is not read
 * @throws {Error} when there is no answer in time, or it is a redirect
 */
export async function sendLogoutToken(server: string, token: string, stopped?: AbortSignal): Promise<number> {
  const patience = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const response = await fetch(server + APP_PATHS.backchannelLogout, {
    method: 'POST',
    body: new URLSearchParams({ logout_token: token }),
    redirect: 'error',
    signal: stopped === undefined ? patience : AbortSignal.any([patience, stopped]),
  });
  await response.body?.cancel();
  return response.status;
}
