/**
 * `POST /end-session`: an app's server ends the SSO session of a person who signed out at that app. The app
 * must have redeemed a token from the session, since only then has the person signed in there. The response
 * is the same without a session, so it doesn't reveal which sessions exist. Every app of the session gets a
 * logout token, including the one that sent the request: it may have other servers.
 */
import { EndSessionRequest, SSO_PATHS } from '@samesite-sso/protocol';
import type { FastifyInstance } from 'fastify';
import { readAddress } from '../sessions/client.ts';
import type { SsoSessions } from '../sessions/sso-sessions.ts';
import { addAppServerRoute } from './app-server-route.ts';
import type { ClientAuthenticator } from './client-authentication.ts';

export async function endSessionEndpoint(
  scope: FastifyInstance,
  { clients, sessions }: { clients: ClientAuthenticator; sessions: SsoSessions },
): Promise<void> {
  await addAppServerRoute(scope, {
    path: SSO_PATHS.endSession,
    clients,
    form: EndSessionRequest,
    handle: async (assertion, { sid }, request) => {
      await clients.accept(assertion);
      await sessions.signOutAt(assertion.app, sid, readAddress(request));
      return {};
    },
  });
}
