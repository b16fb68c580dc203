/**
 * Step 4 of 5, unseen by the page: an app's server asks who a token stands for (RFC 7662), and the token
 * is spent by the answer. Before it `packages/relying-app`.
 */

import { logProblem } from '@samesite-sso/core';
import { type IntrospectionAnswer, IntrospectionRequest, SSO_PATHS } from '@samesite-sso/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Compile } from 'typebox/compile';
import type { Service } from '../service.ts';
import { readAddress } from '../sessions/client.ts';
import { appEndpoint, refuseAppRequest } from './app-requests.ts';

const isRequest = Compile(IntrospectionRequest);

export async function introspectionEndpoint(scope: FastifyInstance, service: Service): Promise<void> {
  await appEndpoint(scope, {
    path: SSO_PATHS.introspection,
    clients: service.clients,
    handle: async (app, request, reply) => {
      const { body } = request;
      if (!isRequest.Check(body)) return refuseAppRequest(reply, 400, 'invalid_request');
      return await introspect(service, request, body.token, app);
    },
  });
}

/** Whatever is wrong with the token, the answer tells only that it is not good (RFC 7662, section 2.2). */
async function introspect(
  service: Service,
  request: FastifyRequest,
  token: string,
  app: string,
): Promise<IntrospectionAnswer> {
  const spent = await service.tokens.redeem(token, app, service.sessions.idleSince, readAddress(request));
  if ('fault' in spent) {
    logProblem(request, `inactive: ${spent.fault}`);
    return { active: false };
  }
  const { claims, session } = spent;
  return {
    active: true,
    ...claims,
    username: session.account.username,
    name: session.account.displayName,
    session_exp: Math.floor(session.endsAt / 1000),
  };
}
