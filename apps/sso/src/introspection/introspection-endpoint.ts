/**
 * Step 4 of 5, invisible to the page: an app's server asks whom a token stands for (RFC 7662), which redeems
 * the token. Before: step 3 and `packages/relying-app`. Next: the app starts its own session, and the flow is
 * done.
 */
import { logProblem } from '@samesite-sso/core';
import { IntrospectionRequest, type IntrospectionResponse, SSO_PATHS } from '@samesite-sso/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Compile } from 'typebox/compile';
import type { AuthenticationTokens } from '../sessions/authentication-tokens.ts';
import { readAddress } from '../sessions/client.ts';
import type { SsoSessions } from '../sessions/sso-sessions.ts';
import { addAppServerRoute, sendOAuthError } from './app-server-route.ts';
import type { ClientAuthenticator } from './client-authentication.ts';

const isRequest = Compile(IntrospectionRequest);

export interface IntrospectionOptions {
  clients: ClientAuthenticator;
  sessions: SsoSessions;
  tokens: AuthenticationTokens;
}

export async function introspectionEndpoint(
  scope: FastifyInstance,
  options: IntrospectionOptions,
): Promise<void> {
  await addAppServerRoute(scope, {
    path: SSO_PATHS.introspection,
    clients: options.clients,
    handle: async (app, request, reply) => {
      const { body } = request;
      if (!isRequest.Check(body)) return sendOAuthError(reply, 400, 'invalid_request');
      return await introspect(options, request, body.token, app);
    },
  });
}

/** The response never says why a token is inactive (RFC 7662, section 2.2). */
async function introspect(
  { sessions, tokens }: IntrospectionOptions,
  request: FastifyRequest,
  token: string,
  app: string,
): Promise<IntrospectionResponse> {
  const redeemed = await tokens.redeem(token, app, sessions.idleSince, readAddress(request));
  if ('inactiveReason' in redeemed) {
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
}
