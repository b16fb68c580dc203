/**
 * The account page on the SSO origin: its document, and its endpoints under `/account/`, which no other
 * origin can use: they have no CORS policy. This file validates and dispatches; each endpoint has its own
 * file.
 */
import { HttpProblem, jsonBody, requireSameOrigin } from '@samesite-sso/core';
import { SignedIn, SignedOut } from '@samesite-sso/protocol';
import { noteClient } from '@samesite-sso/server';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { handleLogin, type LoginDependencies } from '../cross-origin/login-request.ts';
import { handleLogout } from '../cross-origin/logout-request.ts';
import { readAddress } from '../sessions/client.ts';
import { getOverview, type OverviewDependencies } from './overview.ts';
import { servePage } from './page.ts';
import { changePassword, type PasswordDependencies } from './password-routes.ts';
import { ACCOUNT_PATHS } from './paths.ts';
import { AccountLogin, AccountLogout, Ended, NamedSession, Overview, PasswordRequest } from './schemas.ts';
import { endOtherSessions, endSession } from './session-routes.ts';

export interface AccountPageOptions extends LoginDependencies, OverviewDependencies, PasswordDependencies {
  /** The SSO origin. */
  origin: string;
}

export async function accountPage(scope: FastifyInstance, options: AccountPageOptions): Promise<void> {
  await scope.register(servePage, {});
  await scope.register(accountRequests, options);
}

async function accountRequests(scope: FastifyInstance, options: AccountPageOptions): Promise<void> {
  await scope.register(jsonBody);
  scope.addHook('onRequest', async (request, reply) => {
    noteClient(request, { address: readAddress(request) });
    reply.header('Cache-Control', 'no-store');
    if (request.method === 'GET' || request.method === 'HEAD') requireSameOriginRead(request, options.origin);
    else requireSameOrigin(request, options.origin);
  });

  scope.get(ACCOUNT_PATHS.overview, { schema: { response: { 200: Overview } } }, (request) =>
    getOverview(options, request),
  );
  scope.post<{ Body: AccountLogin }>(
    ACCOUNT_PATHS.login,
    { schema: { body: AccountLogin, response: { 200: SignedIn } } },
    (request, reply) => handleLogin(options, request, reply, request.body),
  );
  scope.post(
    ACCOUNT_PATHS.logout,
    { schema: { body: AccountLogout, response: { 200: SignedOut } } },
    (request, reply) => handleLogout(options, request, reply),
  );
  scope.delete<{ Params: NamedSession }>(
    `${ACCOUNT_PATHS.sessions}/:sid`,
    { schema: { params: NamedSession, response: { 200: Ended } } },
    (request, reply) => endSession(options, request, reply, request.params),
  );
  scope.delete(ACCOUNT_PATHS.sessions, { schema: { response: { 200: Ended } } }, (request) =>
    endOtherSessions(options, request),
  );
  scope.post<{ Body: PasswordRequest }>(
    ACCOUNT_PATHS.password,
    { schema: { body: PasswordRequest, response: { 200: Ended } } },
    (request, reply) => changePassword(options, request, reply, request.body),
  );
}

/**
 * Same-origin reads carry no `Origin`, but cross-origin reads do, and every request carries `Sec-Fetch-Site`.
 * Scripts can forge neither.
 */
function requireSameOriginRead(request: FastifyRequest, ownOrigin: string): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined) requireSameOrigin(request, ownOrigin);
  if (site === undefined || site === 'same-origin' || site === 'none') return;
  throw new HttpProblem('origin-not-allowed', { logReason: `Sec-Fetch-Site is not same-origin` });
}
