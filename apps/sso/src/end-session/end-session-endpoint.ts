/**
 * `POST /end-session`: an app's server ends the SSO session of a person who signed out at that app. The app
 * must have redeemed a token of the session, since only then has the person signed in there. The response is
 * the same whether or not a session ended, so it doesn't reveal which sessions exist. Every app of the
 * session gets a logout token, including the one that asked: it may have other servers.
 */
import { EndSessionRequest, SSO_PATHS } from '@samesite-sso/protocol';
import type { FastifyInstance } from 'fastify';
import { Compile } from 'typebox/compile';
import { addAppServerRoute, sendOAuthError } from '../introspection/app-server-route.ts';
import type { ClientAuthenticator } from '../introspection/client-authentication.ts';
import { readAddress } from '../sessions/client.ts';
import type { SsoSessions } from '../sessions/sso-sessions.ts';

const isRequest = Compile(EndSessionRequest);

export async function endSessionEndpoint(
  scope: FastifyInstance,
  { clients, sessions }: { clients: ClientAuthenticator; sessions: SsoSessions },
): Promise<void> {
  await addAppServerRoute(scope, {
    path: SSO_PATHS.endSession,
    clients,
    handle: async (app, request, reply) => {
      const { body } = request;
      if (!isRequest.Check(body)) return sendOAuthError(reply, 400, 'invalid_request');
      await sessions.signOutAt(app, body.sid, readAddress(request));
      return {};
    },
  });
}
