/**
 * `POST /`: the one URL of every cross-origin request, so that one preflight serves the whole flow. It
 * checks and dispatches; each request's work is in the file of its name. Steps 2, 3 and 5 of 5; before
 * them `packages/browser`, after them `packages/relying-app`.
 */

import { acceptJsonOnly, HttpProblem } from '@samesite-sso/core';
import { CrossOriginAnswer, CrossOriginRequest, SSO_PATHS } from '@samesite-sso/protocol';
import type { FastifyInstance } from 'fastify';
import type { Service } from '../service.ts';
import { authenticationToken } from './authentication-token-request.ts';
import { applyPolicy } from './cors-policy.ts';
import { login } from './login-request.ts';
import { loginStatus } from './login-status-request.ts';
import { logout } from './logout-request.ts';

const path = SSO_PATHS.crossOrigin;

export async function crossOriginEndpoint(scope: FastifyInstance, service: Service): Promise<void> {
  await applyPolicy(scope, path, new Set(service.apps.map(({ origin }) => origin)));
  acceptJsonOnly(scope);

  scope.post<{ Body: CrossOriginRequest }>(
    path,
    { schema: { body: CrossOriginRequest, response: { 200: CrossOriginAnswer } } },
    (request, reply) => {
      reply.header('Cache-Control', 'no-store');
      const { body } = request;
      switch (body.request) {
        case 'login status':
          return loginStatus(service, request);
        case 'authentication token':
          return authenticationToken(service, request);
        case 'login':
          return login(service, request, reply, body);
        case 'logout':
          return logout(service, request, reply);
      }
    },
  );

  // Within the scope, so that an app's page can read the refusal.
  scope.route({
    method: ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'],
    url: path,
    onRequest: async (_request, reply) => {
      reply.header('Allow', 'GET, HEAD, POST');
      throw new HttpProblem('method-not-allowed');
    },
    handler: () => {},
  });
}
