/** Requests of the account page. */
import type { Browser, Party } from '../support/browser.ts';
import type { Answer } from '../support/http.ts';

/** @param origin of the page that sends it: the SSO service's own, unless it is an attack */
export function sendToAccountPage(
  browser: Browser,
  { sso }: { sso: Party },
  method: string,
  path: string,
  body?: object,
  origin: string = sso.origin,
): Promise<Answer> {
  return browser.send(sso, {
    method,
    path,
    headers: { origin, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
}
