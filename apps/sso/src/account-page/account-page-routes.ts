/**
 * The account page on the SSO origin: its document, and its endpoints under `/account/`. No other origin can
 * use them, since they have no CORS policy.
 */
import { HttpProblem, jsonBody, requireSameOrigin, withSchemas } from '@samesite-sso/core';
import { SignedIn, SignedOut } from '@samesite-sso/protocol';
import { noteClient } from '@samesite-sso/server';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { changePassword, type PasswordChangeDependencies } from '../accounts/password-change.ts';
import { handleLogin, type LoginDependencies } from '../cross-origin/login-request.ts';
import { handleLogout } from '../cross-origin/logout-request.ts';
import type { AppRegistry } from '../registry/app-registry.ts';
import { readAddress, readClient } from '../sessions/client.ts';
import { AccountQueue } from './account-queue.ts';
import { getOverview, type OverviewDependencies } from './overview.ts';
import { servePage } from './page.ts';
import { ACCOUNT_PATHS } from './paths.ts';
import { queueForSession, requireSession } from './require-session.ts';
import { AccountLogin, AccountLogout, Ended, NamedSession, Overview, PasswordRequest } from './schemas.ts';

interface AccountPageOptions extends LoginDependencies, PasswordChangeDependencies {
  /** The SSO origin. */
  origin: string;
  registry: AppRegistry;
}

export async function accountPage(scope: FastifyInstance, options: AccountPageOptions): Promise<void> {
  await scope.register(servePage, {});
  await scope.register(accountRequests, { ...options, accountQueue: new AccountQueue() });
}

async function accountRequests(
  scope: FastifyInstance,
  options: AccountPageOptions & OverviewDependencies,
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
    (request, reply) => handleLogin(options, request, reply, request.body),
  );
  scope.post(
    ACCOUNT_PATHS.logout,
    withSchemas({ body: AccountLogout, response: SignedOut }),
    (request, reply) => handleLogout(options, request, reply),
  );
  scope.delete<{ Params: NamedSession }>(
    `${ACCOUNT_PATHS.sessions}/:sid`,
    withSchemas({ params: NamedSession, response: Ended }),
    (request, reply) =>
      queueForSession(options, request, async ({ account, sid: ownSid }) => {
        const { sid } = request.params;
        const ended = await options.sessions.endOwn(account.id, { sids: [sid] }, readAddress(request));
        // The same response for another person's session as for one that doesn't exist.
        if (ended === 0) throw new HttpProblem('not-found', { logReason: 'not a session of this account' });
        if (sid === ownSid) options.cookie.clear(reply);
        return { ended };
      }),
  );
  scope.delete(ACCOUNT_PATHS.sessions, withSchemas({ response: Ended }), (request) =>
    queueForSession(options, request, async ({ account, sid }) => ({
      ended: await options.sessions.endOwn(account.id, { exceptSid: sid }, readAddress(request)),
    })),
  );
  scope.post<{ Body: PasswordRequest }>(
    ACCOUNT_PATHS.password,
    withSchemas({ body: PasswordRequest, response: Ended }),
    async (request, reply) => {
      const session = await requireSession(options, request);
      const changed = await changePassword(options, session, request.body, readClient(request));
      options.cookie.set(reply, changed.token, changed.maxAgeSeconds);
      return { ended: changed.ended };
    },
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
  throw new HttpProblem('origin-not-allowed', { logReason: 'Sec-Fetch-Site is not same-origin' });
}
