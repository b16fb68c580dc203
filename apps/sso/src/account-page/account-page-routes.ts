/**
 * The account page, on the SSO origin: its document and, under `/account/`, its own requests. No CORS policy is
 * laid on them, and no other origin can make them. It checks and dispatches; each request's work is in the file
 * of its name.
 */

import { acceptJsonOnly, HttpProblem, requireSameOrigin } from '@samesite-sso/core';
import { SignedIn, SignedOut } from '@samesite-sso/protocol';
import { noteClient } from '@samesite-sso/server';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { login } from '../cross-origin/login-request.ts';
import { logout } from '../cross-origin/logout-request.ts';
import type { Service } from '../service.ts';
import { readAddress } from '../sessions/client.ts';
import { AccountQueue } from './account-queue.ts';
import { overview } from './overview.ts';
import { servePage } from './page.ts';
import { changePassword } from './password-routes.ts';
import { ACCOUNT_PATHS } from './paths.ts';
import { AccountLogin, AccountLogout, Ended, NamedSession, Overview, PasswordRequest } from './schemas.ts';
import { endOtherSessions, endSession } from './session-routes.ts';

export async function accountPage(scope: FastifyInstance, service: Service): Promise<void> {
  await scope.register((document) => servePage(document));
  await scope.register((requests) => accountRequests(requests, service));
}

async function accountRequests(scope: FastifyInstance, service: Service): Promise<void> {
  const queue = new AccountQueue();
  acceptJsonOnly(scope);
  scope.addHook('onRequest', async (request, reply) => {
    noteClient(request, { address: readAddress(request) });
    reply.header('Cache-Control', 'no-store');
    if (request.method === 'GET' || request.method === 'HEAD') refuseReaders(request, service.origin);
    else requireSameOrigin(request, service.origin);
  });

  scope.get(ACCOUNT_PATHS.overview, { schema: { response: { 200: Overview } } }, (request) =>
    overview(service, queue, request),
  );
  scope.post<{ Body: AccountLogin }>(
    ACCOUNT_PATHS.login,
    { schema: { body: AccountLogin, response: { 200: SignedIn } } },
    (request, reply) => login(service, request, reply, request.body),
  );
  scope.post(
    ACCOUNT_PATHS.logout,
    { schema: { body: AccountLogout, response: { 200: SignedOut } } },
    (request, reply) => logout(service, request, reply),
  );
  scope.delete<{ Params: NamedSession }>(
    `${ACCOUNT_PATHS.sessions}/:sid`,
    { schema: { params: NamedSession, response: { 200: Ended } } },
    (request, reply) => endSession(service, queue, request, reply, request.params),
  );
  scope.delete(ACCOUNT_PATHS.sessions, { schema: { response: { 200: Ended } } }, (request) =>
    endOtherSessions(service, queue, request),
  );
  scope.post<{ Body: PasswordRequest }>(
    ACCOUNT_PATHS.password,
    { schema: { body: PasswordRequest, response: { 200: Ended } } },
    (request, reply) => changePassword(service, request, reply, request.body),
  );
}

/**
 * What only reads from its own origin states no `Origin`; another origin's states it where it would read the answer.
 * Where a request is from the browser states in any case, and no script can forge that.
 */
function refuseReaders(request: FastifyRequest, origin: string): void {
  const { origin: stated, 'sec-fetch-site': from } = request.headers;
  if (stated !== undefined) requireSameOrigin(request, origin);
  if (from === undefined || from === 'same-origin' || from === 'none') return;
  throw new HttpProblem('origin-not-allowed', { logReason: 'Sec-Fetch-Site says another site' });
}
