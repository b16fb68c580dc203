/** The endpoints with which a person without a session accepts an invitation. */
import { withSchemas } from '@samesite-sso/core';
import { SignedIn } from '@samesite-sso/protocol';
import { noteClient } from '@samesite-sso/server';
import type { FastifyInstance } from 'fastify';
import { acceptInvitation, findInvited, type InvitationDependencies } from '../accounts/invitations.ts';
import { readClient } from '../sessions/client.ts';
import type { SessionDependencies } from '../sessions/sso-sessions.ts';
import { ACCOUNT_PATHS } from './paths.ts';
import { InvitationAcceptance, InvitationRequest, InvitedAccount } from './schemas.ts';

export interface InvitationRouteDependencies extends InvitationDependencies, SessionDependencies {}

export async function invitationRoutes(
  scope: FastifyInstance,
  dependencies: InvitationRouteDependencies,
): Promise<void> {
  const { cookie } = dependencies;

  scope.post<{ Body: InvitationRequest }>(
    ACCOUNT_PATHS.invitation,
    withSchemas({ body: InvitationRequest, response: InvitedAccount }),
    async (request) => {
      cookie.read(request); // Refuses two cookies, as the acceptance does.
      const account = await findInvited(dependencies, request.body.secret);
      noteClient(request, { accountId: account.id });
      return { account };
    },
  );
  scope.put<{ Body: InvitationAcceptance }>(
    ACCOUNT_PATHS.invitation,
    withSchemas({ body: InvitationAcceptance, response: SignedIn }),
    async (request, reply): Promise<SignedIn> => {
      const client = readClient(request);
      const presentedToken = cookie.read(request);
      const accepted = await acceptInvitation(dependencies, request.body, presentedToken, client);
      const { account, started } = accepted;
      noteClient(request, { accountId: account.id });
      cookie.set(reply, started.token, started.maxAgeSeconds);
      return { status: 'signed in', account };
    },
  );
}
