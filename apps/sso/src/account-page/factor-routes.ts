/** The account page's endpoints for the authenticator app, recovery codes, and reauthentication. */
import { withSchemas } from '@samesite-sso/core';
import { SignedIn } from '@samesite-sso/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuthenticatorEnrollment } from '../accounts/factors/authenticator-enrollment.ts';
import { type RecentSignInDependencies, requireRecentSignIn } from '../accounts/factors/recent-sign-in.ts';
import { type LoginDependencies, signIn } from '../cross-origin/login-request.ts';
import type { PasskeyAuthentication } from '../passkeys/passkey-authentication.ts';
import { readAddress } from '../sessions/client.ts';
import type { OwnSession, SsoSession } from '../storage/stores.ts';
import { ACCOUNT_PATHS } from './paths.ts';
import { type QueuedSessionDependencies, queueForSession, requireSession } from './require-session.ts';
import {
  AuthenticatorCode,
  Done,
  EmptyRequest,
  NewAuthenticator,
  NewRecoveryCodes,
  ReauthenticationRequest,
} from './schemas.ts';

export interface FactorDependencies
  extends QueuedSessionDependencies,
    RecentSignInDependencies,
    LoginDependencies {
  /** The SSO origin. */
  origin: string;
  enrollment: AuthenticatorEnrollment;
  passkeyAuthentication: PasskeyAuthentication;
}

export async function factorRoutes(scope: FastifyInstance, options: FactorDependencies): Promise<void> {
  const { enrollment } = options;
  scope.post<{ Body: ReauthenticationRequest }>(
    ACCOUNT_PATHS.reauthenticate,
    withSchemas({ body: ReauthenticationRequest, response: SignedIn }),
    (request, reply) => reauthenticate(options, request, reply, request.body),
  );
  scope.post(
    ACCOUNT_PATHS.authenticator,
    withSchemas({ body: EmptyRequest, response: NewAuthenticator }),
    async (request, reply) => {
      const added = await queueChange(options, request, (session, own) => enrollment.prepare(session, own));
      reply.code(201);
      return added;
    },
  );
  scope.put<{ Body: AuthenticatorCode }>(
    ACCOUNT_PATHS.authenticator,
    withSchemas({ body: AuthenticatorCode, response: NewRecoveryCodes }),
    (request) =>
      queueChange(options, request, async (session, own) => ({
        recoveryCodes: await enrollment.confirm(session, own, request.body.code, readAddress(request)),
      })),
  );
  scope.delete(ACCOUNT_PATHS.authenticator, withSchemas({ response: Done }), (request) =>
    queueChange(options, request, async (_session, own) => {
      await enrollment.remove(own, readAddress(request));
      return {};
    }),
  );
  scope.post(
    ACCOUNT_PATHS.recoveryCodes,
    withSchemas({ body: EmptyRequest, response: NewRecoveryCodes }),
    async (request, reply) => {
      const recoveryCodes = await queueChange(options, request, (_session, own) =>
        enrollment.replaceRecoveryCodes(own, readAddress(request)),
      );
      reply.code(201);
      return { recoveryCodes };
    },
  );
}

/**
 * Queues work that needs a recent sign-in with the strongest factor.
 *
 * @throws {HttpProblem} `not-signed-in`, `reauthentication-required` or `overloaded`
 */
export async function queueChange<Result>(
  dependencies: QueuedSessionDependencies & RecentSignInDependencies,
  request: FastifyRequest,
  change: (session: SsoSession, own: OwnSession) => Promise<Result>,
): Promise<Result> {
  return await queueForSession(dependencies, request, async (session) => {
    const own = await requireRecentSignIn(dependencies, session);
    return await change(session, own);
  });
}

/** Renews the session of the request by another sign-in of the same person. */
async function reauthenticate(
  dependencies: FactorDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  body: ReauthenticationRequest,
): Promise<SignedIn> {
  const { login, passkeyAuthentication, origin } = dependencies;
  const { account, sid } = await requireSession(dependencies, request);
  return await signIn(dependencies, request, reply, async (client) => {
    const verified =
      'credential' in body
        ? await passkeyAuthentication.verify(
            body.credential,
            { purpose: 'account authentication', origin },
            client,
          )
        : await login.verifySignIn({ username: account.username, ...body }, client, {
            sid,
            detail: 'at a reauthentication',
          });
    if (verified.account.id === account.id) return verified;
    // A passkey may be anybody's. After a rename, so may the username.
    return await verified.refuse('another account');
  });
}
