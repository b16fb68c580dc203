/**
 * The account page on the SSO origin: its document, and its endpoints under `/account/`. No other origin can
 * use them, since they have no CORS policy.
 */
import { HttpProblem, jsonBody, requireSameOrigin, withSchemas } from '@samesite-sso/core';
import { SignedIn, SignedOut } from '@samesite-sso/protocol';
import { noteClient } from '@samesite-sso/server';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { requireRecentSignIn } from '../accounts/factors/recent-sign-in.ts';
import { changePassword, type PasswordChangeDependencies } from '../accounts/password-change.ts';
import { handleLogin, type LoginDependencies } from '../cross-origin/login-request.ts';
import { handleLogout } from '../cross-origin/logout-request.ts';
import { handlePasskeyLogin } from '../cross-origin/passkey-login-request.ts';
import { readAddress, readClient } from '../sessions/client.ts';
import { AccountQueue } from './account-queue.ts';
import { type FactorDependencies, factorRoutes, queueChange } from './factor-routes.ts';
import { type InvitationRouteDependencies, invitationRoutes } from './invitation-routes.ts';
import { getOverview, type OverviewDependencies } from './overview.ts';
import { servePage } from './page.ts';
import { type PasskeyDependencies, passkeyRoutes } from './passkey-routes.ts';
import { ACCOUNT_PATHS } from './paths.ts';
import { type QueuedSessionDependencies, queueForSession, requireSession } from './require-session.ts';
import { AccountLogin, EmptyRequest, Ended, NamedSession, Overview, PasswordRequest } from './schemas.ts';

type AccountPageOptions = LoginDependencies &
  PasswordChangeDependencies &
  InvitationRouteDependencies &
  Omit<OverviewDependencies & FactorDependencies & PasskeyDependencies, 'accountQueue'>;

export async function accountPage(scope: FastifyInstance, options: AccountPageOptions): Promise<void> {
  await scope.register(servePage, {});
  await scope.register(accountRequests, { ...options, accountQueue: new AccountQueue() });
}

async function accountRequests(
  scope: FastifyInstance,
  options: AccountPageOptions & QueuedSessionDependencies,
): Promise<void> {
  await scope.register(jsonBody);
  scope.addHook('onRequest', async (request, reply) => {
    noteClient(request, { address: readAddress(request) });
    reply.header('Cache-Control', 'no-store');
    if (request.method === 'GET' || request.method === 'HEAD') requireSameOriginRead(request, options.origin);
    else requireSameOrigin(request, options.origin);
  });

  scope.get(ACCOUNT_PATHS.overview, withSchemas({ response: Overview }), (request) =>
    getOverview(options, request),
  );
  scope.post<{ Body: AccountLogin }>(
    ACCOUNT_PATHS.login,
    withSchemas({ body: AccountLogin, response: SignedIn }),
    (request, reply) => {
      const { body } = request;
      if (!('credential' in body)) return handleLogin(options, request, reply, body);
      return handlePasskeyLogin(options, request, reply, body.credential, {
        purpose: 'account authentication',
        origin: options.origin,
      });
    },
  );
  scope.post(
    ACCOUNT_PATHS.logout,
    withSchemas({ body: EmptyRequest, response: SignedOut }),
    (request, reply) => handleLogout(options, request, reply),
  );
  scope.delete<{ Params: NamedSession }>(
    `${ACCOUNT_PATHS.sessions}/:sid`,
    withSchemas({ params: NamedSession, response: Ended }),
    (request, reply) =>
      queueForSession(options, request, async (session) => {
        const { account, sid: ownSid } = session;
        const { sid } = request.params;
        if (sid !== ownSid) await requireRecentSignIn(options, session);
        const ended = await options.sessions.endOwn(account.id, { sids: [sid] }, readAddress(request));
        // The same response for another person's session as for one that doesn't exist.
        if (ended === 0) throw new HttpProblem('not-found', { logReason: 'not a session of this account' });
        if (sid === ownSid) options.cookie.clear(reply);
        return { ended };
      }),
  );
  scope.delete(ACCOUNT_PATHS.sessions, withSchemas({ response: Ended }), (request) =>
    queueChange(options, request, async ({ account, sid }) => ({
      ended: await options.sessions.endOwn(account.id, { exceptSid: sid }, readAddress(request)),
    })),
  );
  scope.post<{ Body: PasswordRequest }>(
    ACCOUNT_PATHS.password,
    withSchemas({ body: PasswordRequest, response: Ended }),
    async (request, reply) => {
      const session = await requireSession(options, request);
      const own = await requireRecentSignIn(options, session);
      const changed = await changePassword(options, session, own, request.body, readClient(request));
      options.cookie.set(reply, changed.token, changed.maxAgeSeconds);
      return { ended: changed.ended };
    },
  );
  await factorRoutes(scope, options);
  await passkeyRoutes(scope, options);
  await invitationRoutes(scope, options);
}

/**
 * Same-origin reads carry no `Origin`, but cross-origin reads do, and every request carries `Sec-Fetch-Site`.
 * Scripts can forge neither.
 */
function requireSameOriginRead(request: FastifyRequest, ownOrigin: string): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined) requireSameOrigin(request, ownOrigin);
  if (site === undefined || site === 'same-origin' || site === 'none') return;
  throw new HttpProblem('origin-not-allowed', { logReason: 'Sec-Fetch-Site is not same-origin' });
}
