/**
 * Steps 2, 3 and 5 of 5: `POST /`, the only URL for cross-origin requests, so that one preflight covers the
 * whole flow. It validates and dispatches; each request has its own file. Before: `packages/browser`. Next:
 * step 4, where `packages/relying-app` takes the token.
 */
import { HttpProblem, jsonBody, withSchemas } from '@samesite-sso/core';
import { CrossOriginRequest, CrossOriginResponse, SSO_PATHS } from '@samesite-sso/protocol';
import type { FastifyInstance } from 'fastify';
import type { AppRegistry } from '../registry/app-registry.ts';
import {
  type AuthenticationTokenDependencies,
  handleAuthenticationToken,
} from './authentication-token-request.ts';
import { corsPolicy } from './cors-policy.ts';
import { handleLogin, type LoginDependencies } from './login-request.ts';
import { handleLoginStatus } from './login-status-request.ts';
import { handleLogout } from './logout-request.ts';
import {
  handlePasskeyChallenge,
  handlePasskeyLogin,
  type PasskeyLoginDependencies,
  toSignInScope,
} from './passkey-login-request.ts';

const path = SSO_PATHS.crossOrigin;

export interface CrossOriginOptions
  extends AuthenticationTokenDependencies,
    LoginDependencies,
    PasskeyLoginDependencies {
  registry: AppRegistry;
}

export async function crossOriginEndpoint(
  scope: FastifyInstance,
  options: CrossOriginOptions,
): Promise<void> {
  await scope.register(corsPolicy, { path, registry: options.registry });
  await scope.register(jsonBody);

  scope.post<{ Body: CrossOriginRequest }>(
    path,
    withSchemas({ body: CrossOriginRequest, response: CrossOriginResponse }),
    (request, reply) => {
      reply.header('Cache-Control', 'no-store');
      const { body } = request;
      switch (body.request) {
        case 'login status':
          return handleLoginStatus(options, request);
        case 'authentication token':
          return handleAuthenticationToken(options, request);
        case 'login':
          return handleLogin(options, request, reply, body);
        case 'passkey challenge':
          return handlePasskeyChallenge(options, request);
        case 'passkey login':
          return handlePasskeyLogin(options, request, reply, body.credential, toSignInScope(request));
        case 'logout':
          return handleLogout(options, request, reply);
      }
    },
  );

  // In this scope, so that the CORS policy lets an app's page read the problem.
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
