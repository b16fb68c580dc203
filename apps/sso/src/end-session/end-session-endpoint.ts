/**
 * Lets an app's server end the SSO session of a person who signed out at that app. It may end only a session
 * of which it has redeemed a token: that person signed in there by it. The response is the same whether or
 * not it ended one, so that no app learns which sessions exist. Every app that got a token of the session
 * hears of its end by a logout token, the one that asked included: it may have more servers than the one that
 * asked.
 */
import { EndSessionRequest, SSO_PATHS } from '@samesite-sso/protocol';
import type { FastifyInstance } from 'fastify';
import { Compile } from 'typebox/compile';
import { appEndpoint, refuseAppRequest } from '../introspection/app-requests.ts';
import type { ClientAuthenticator } from '../introspection/client-authentication.ts';
import { addressOf } from '../sessions/client.ts';
import type { SsoSessions } from '../sessions/sso-sessions.ts';

const isRequest = Compile(EndSessionRequest);

export async function endSessionEndpoint(
  scope: FastifyInstance,
  { clients, sessions }: { clients: ClientAuthenticator; sessions: SsoSessions },
): Promise<void> {
  await appEndpoint(scope, {
    path: SSO_PATHS.endSession,
    clients,
    handle: async (app, request, reply) => {
      const { body } = request;
      if (!isRequest.Check(body)) return refuseAppRequest(reply, 400, 'invalid_request');
      await sessions.signOutAt(app, body.sid, addressOf(request));
      return {};
    },
  });
}
