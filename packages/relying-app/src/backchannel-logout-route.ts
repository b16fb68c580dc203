/**
 * Single logout at the app: the SSO service notifies it that an SSO session has ended (OpenID Connect
 * Back-Channel Logout 1.0, sections 2.5 to 2.8). The request comes from a server, so `Origin` and cookies
 * don't matter and no CORS header is sent. The logout token's signature alone authenticates it.
 */
import formbody from '@fastify/formbody';
import { logProblem, sendProblem, toHttpProblem } from '@samesite-sso/core';
import { APP_PATHS, BackchannelLogoutRequest, BODY_LIMIT_BYTES } from '@samesite-sso/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import type { AppSessions } from './app-sessions.ts';
import { InvalidLogoutTokenError, verifyLogoutToken } from './logout-token-verifier.ts';
import type { JwtContext } from './sso-jwt-verifier.ts';

const FORM = 'application/x-www-form-urlencoded';

export async function backchannelLogoutRoute(
  scope: FastifyInstance,
  { sessions, jwtContext }: { sessions: AppSessions; jwtContext: JwtContext },
): Promise<void> {
  scope.setErrorHandler((error, request, reply) => {
    const problem = toHttpProblem(error);
    if (problem.statusCode >= 500) sendProblem(problem, request, reply);
    else sendInvalidRequest(request, reply, problem.code);
  });
  scope.removeAllContentTypeParsers();
  await scope.register(formbody);
  scope.addHook('onRequest', async (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    if (request.mediaType !== FORM) return sendInvalidRequest(request, reply, 'not form-encoded');
  });

  scope.post(APP_PATHS.backchannelLogout, { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    try {
      const { body } = request;
      if (!v.is(BackchannelLogoutRequest, body)) {
        throw new InvalidLogoutTokenError('not exactly one logout token');
      }
      const claims = await verifyLogoutToken(body.logout_token, jwtContext);
      if (!(await sessions.endBySid(claims))) throw new InvalidLogoutTokenError('jti used before');
    } catch (error) {
      if (!(error instanceof InvalidLogoutTokenError)) throw error;
      return sendInvalidRequest(request, reply, error.message);
    }
    return reply.send();
  });
}

/** The same response for every invalid request (section 2.8); the reason is only logged. */
function sendInvalidRequest(request: FastifyRequest, reply: FastifyReply, logReason: string): FastifyReply {
  logProblem(request, `invalid_request: ${logReason}`);
  return reply.code(400).send({ error: 'invalid_request' });
}
