/** The account page's requests and overview, and a second account. */
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { ACCOUNT_PATHS } from '../../../apps/sso/src/account-page/paths.ts';
import type { SignedInOverview } from '../../../apps/sso/src/account-page/schemas.ts';
import type { Stores } from '../../../apps/sso/src/storage/stores.ts';
import { GRACE, OPERATOR, PASSWORD_HASH } from '../accounts.ts';
import { SSO } from './test-service.ts';

export interface AccountRequest {
  method: 'GET' | 'POST' | 'DELETE' | 'OPTIONS' | 'PUT' | 'PATCH';
  url: string;
  cookie?: string;
  /** The SSO service's own by default; null for none. */
  origin?: string | null;
  body?: unknown;
  ip?: string;
  headers?: Record<string, string>;
}

export function send(app: FastifyInstance, request: AccountRequest): Promise<LightMyRequestResponse> {
  const { method, url, cookie, origin = method === 'GET' ? null : SSO, body, ip, headers } = request;
  return app.inject({
    method,
    url,
    headers: {
      ...(origin !== null && { origin }),
      ...(cookie !== undefined && { cookie }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
    remoteAddress: ip ?? '192.0.2.1',
  });
}

/** Signs in on the account page. */
export function logInOnPage(
  app: FastifyInstance,
  body: { username: string; password: string; code?: string },
  more: Partial<AccountRequest> = {},
): Promise<LightMyRequestResponse> {
  return send(app, { method: 'POST', url: ACCOUNT_PATHS.login, body, ...more });
}

/** A signed-in person's overview. */
export async function overviewOf(app: FastifyInstance, cookie: string): Promise<SignedInOverview> {
  const response = await send(app, { method: 'GET', url: ACCOUNT_PATHS.overview, cookie });
  const overview = response.json();
  if (overview.status !== 'signed in') throw new Error(`nobody is signed in: ${response.body}`);
  return overview;
}

/** The id of a cookie's session. */
export async function sidOf(app: FastifyInstance, cookie: string): Promise<string> {
  const { sessions } = await overviewOf(app, cookie);
  return sessions[0]?.sid ?? '';
}

/** Adds grace, with ada's password. */
export async function addGrace(stores: Stores): Promise<void> {
  const account = { ...GRACE, usernameKey: GRACE.username, passwordHash: PASSWORD_HASH };
  await stores.accounts.add([account], OPERATOR);
}
