/**
 * Single logout, the app's side: the SSO service's server says that an SSO session has ended (OpenID Connect
 * Back-Channel Logout 1.0, sections 2.5 to 2.8). It comes from no browser, so neither `Origin` nor cookie is
 * looked at, and there is no CORS header ever; the signature of the logout token is all that counts.
 */
import formbody from '@fastify/formbody';
import { logProblem, sendProblem, toHttpProblem } from '@samesite-sso/core';
import { APP_PATHS, BackchannelLogoutRequest, BODY_LIMIT_BYTES } from '@samesite-sso/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Compile } from 'typebox/compile';
import type { AppSessions } from './app-sessions.ts';
import { InvalidLogoutTokenError, type LogoutTokenVerifier } from './logout-token-verifier.ts';

const FORM = 'application/x-www-form-urlencoded';

const isRequest = Compile(BackchannelLogoutRequest);

export async function backchannelLogout(
  scope: FastifyInstance,
  { sessions, verifier }: { sessions: AppSessions; verifier: LogoutTokenVerifier },
): Promise<void> {
  scope.setErrorHandler((error, request, reply) => {
    const refusal = toHttpProblem(error);
    if (refusal.statusCode >= 500) sendProblem(refusal, request, reply);
    else refuse(request, reply, refusal.code);
  });
  scope.removeAllContentTypeParsers();
  await scope.register(formbody);
  scope.addHook('onRequest', async (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    if (request.mediaType !== FORM) return refuse(request, reply, 'no form');
  });

  scope.post(APP_PATHS.backchannelLogout, { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    try {
      const { body } = request;
      if (!isRequest.Check(body)) throw new InvalidLogoutTokenError('not one logout token');
      const logout = await verifier.verify(body.logout_token);
      if (!(await sessions.endBySid(logout))) throw new InvalidLogoutTokenError('jti used before');
    } catch (error) {
      if (!(error instanceof InvalidLogoutTokenError)) throw error;
      return refuse(request, reply, error.message);
    }
    return reply.send();
  });
}

/** Whatever is wrong, the answer is this (section 2.8). */
function refuse(request: FastifyRequest, reply: FastifyReply, detail: string): FastifyReply {
  logProblem(request, `invalid_request: ${detail}`);
  return reply.code(400).send({ error: 'invalid_request' });
}
