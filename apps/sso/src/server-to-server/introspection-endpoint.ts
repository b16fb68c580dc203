/**
 * Step 4 of 5, invisible to the page: an app's server asks whose token it has received (RFC 7662), which
 * redeems the token. Before: step 3 and `packages/relying-app`. Next: the app starts its own session, and the
 * flow is done.
 */
import { logProblem } from '@samesite-sso/core';
import { IntrospectionRequest, type IntrospectionResponse, SSO_PATHS } from '@samesite-sso/protocol';
import type { FastifyInstance } from 'fastify';
import type { AppRegistry } from '../registry/app-registry.ts';
import type { AuthenticationTokens } from '../sessions/authentication-tokens.ts';
import { readAddress } from '../sessions/client.ts';
import type { SsoSessions } from '../sessions/sso-sessions.ts';
import { addAppServerRoute } from './app-server-route.ts';
import { type ClientAuthenticator, InvalidClientError, UsedAssertionError } from './client-authentication.ts';

interface IntrospectionOptions {
  clients: ClientAuthenticator;
  registry: Pick<AppRegistry, 'find'>;
  sessions: SsoSessions;
  tokens: AuthenticationTokens;
}

export async function introspectionEndpoint(
  scope: FastifyInstance,
  { clients, registry, sessions, tokens }: IntrospectionOptions,
): Promise<void> {
  await addAppServerRoute(scope, {
    path: SSO_PATHS.introspection,
    clients,
    form: IntrospectionRequest,
    handle: async (assertion, { token }, request): Promise<IntrospectionResponse> => {
      const app = registry.find(assertion.app);
      if (app === undefined) throw new InvalidClientError('the app was removed');
      const { idleSince } = sessions;
      const redeemed = await tokens.redeem(token, assertion, app, idleSince, readAddress(request));
      if (redeemed === null) throw new UsedAssertionError(assertion);
      if ('inactiveReason' in redeemed) {
        // The response never says why a token is inactive (RFC 7662, section 2.2).
        logProblem(request, `inactive: ${redeemed.inactiveReason}`);
        return { active: false };
      }
      const { claims, session, groups } = redeemed;
      return {
        active: true,
        ...claims,
        username: session.account.username,
        name: session.account.displayName,
        session_exp: Math.floor(session.endsAt / 1000),
        groups,
        auth_time: Math.floor(session.authenticatedAt / 1000),
        amr: session.amr,
      };
    },
  });
}
