/**
 * Step 4 of 5, invisible to the page: an app's server asks whose token it has received (RFC 7662), which
 * redeems the token. Before: step 3 and `packages/relying-app`. Next: the app starts its own session, and the
 * flow is done.
 */
import { logProblem } from '@samesite-sso/core';
import { IntrospectionRequest, type IntrospectionResponse, SSO_PATHS } from '@samesite-sso/protocol';
import type { FastifyInstance } from 'fastify';
import type { AuthenticationTokens } from '../sessions/authentication-tokens.ts';
import { readAddress } from '../sessions/client.ts';
import type { SsoSessions } from '../sessions/sso-sessions.ts';
import { addAppServerRoute } from './app-server-route.ts';
import { type ClientAuthenticator, UsedAssertionError } from './client-authentication.ts';

interface IntrospectionOptions {
  clients: ClientAuthenticator;
  sessions: SsoSessions;
  tokens: AuthenticationTokens;
}

export async function introspectionEndpoint(
  scope: FastifyInstance,
  { clients, sessions, tokens }: IntrospectionOptions,
): Promise<void> {
  await addAppServerRoute(scope, {
    path: SSO_PATHS.introspection,
    clients,
    form: IntrospectionRequest,
    handle: async (assertion, { token }, request): Promise<IntrospectionResponse> => {
      const redeemed = await tokens.redeem(token, assertion, sessions.idleSince, readAddress(request));
      if (redeemed === null) throw new UsedAssertionError(assertion);
      if ('inactiveReason' in redeemed) {
        // The response never says why a token is inactive (RFC 7662, section 2.2).
        logProblem(request, `inactive: ${redeemed.inactiveReason}`);
        return { active: false };
      }
      const { claims, session } = redeemed;
      return {
        active: true,
        ...claims,
        username: session.account.username,
        name: session.account.displayName,
        session_exp: Math.floor(session.endsAt / 1000),
      };
    },
  });
}
