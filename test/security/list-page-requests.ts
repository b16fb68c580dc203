/**
 * Every request that pages send, by server. With a signed-in person's cookies and the right `Origin` each
 * succeeds, so that only an attacker's change can cause a refusal.
 */
import { APP_PATHS, SSO_PATHS } from '@samesite-sso/protocol';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import type { Browser } from '../support/browser.ts';
import type { HttpRequest } from '../support/http.ts';
import type { Server, Site } from '../support/site.ts';

export interface PageRequest {
  what: string;
  to: Server;
  /** The server whose page sends it. */
  from: Server;
  attempt: HttpRequest;
}

/**
 * @param who a browser that is signed in at foo and at the SSO service
 * @param token issued to it for foo
 */
export function listPageRequests(
  at: Site,
  who: Browser,
  { username, password }: { username: string; password: string },
  token: string,
): PageRequest[] {
  const create = (to: Server, from: Server, method: string, path: string, body?: unknown): PageRequest => ({
    what: `${method} ${path} ${JSON.stringify(body) ?? ''}`,
    to,
    from,
    attempt: {
      method,
      path,
      headers: {
        cookie: who.cookies.get(to) ?? '',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
  });
  const crossOrigin = (body: unknown) => create(at.sso, at.foo, 'POST', SSO_PATHS.crossOrigin, body);
  const account = (method: string, path: string, body?: unknown) =>
    create(at.sso, at.sso, method, path, body);
  const app = (method: string, body?: unknown, query = '') =>
    create(at.foo, at.foo, method, APP_PATHS.session + query, body);
  return [
    crossOrigin({ request: 'login status' }),
    crossOrigin({ request: 'authentication token' }),
    crossOrigin({ request: 'login', username, password }),
    crossOrigin({ request: 'passkey challenge' }),
    account('GET', ACCOUNT_PATHS.overview),
    account('POST', ACCOUNT_PATHS.login, { username, password }),
    account('POST', ACCOUNT_PATHS.passkeyChallenge, { purpose: 'authentication' }),
    account('POST', ACCOUNT_PATHS.passkeyChallenge, { purpose: 'registration' }),
    account('POST', ACCOUNT_PATHS.password, { oldPassword: password, newPassword: `${password} again` }),
    account('DELETE', ACCOUNT_PATHS.sessions),
    account('POST', ACCOUNT_PATHS.logout, {}),
    app('POST', { token }),
    app('DELETE', undefined, '?scope=site'),
    app('DELETE'),
    crossOrigin({ request: 'logout' }),
  ];
}

/** The same request with another `Origin`. */
export function withOrigin(origin: string | string[], { attempt }: PageRequest): HttpRequest {
  return { ...attempt, headers: { ...attempt.headers, origin } };
}
