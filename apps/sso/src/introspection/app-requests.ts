/**
 * What the server-to-server endpoints share: an app's server sends a form with its client assertion, and
 * refusals are OAuth errors. There is never a CORS header.
 */
import formbody from '@fastify/formbody';
import { logProblem } from '@samesite-sso/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ClientAuthenticator, InvalidClientError } from './client-authentication.ts';

/** `app` is the origin of the authenticated app. */
type AppRequestHandler = (app: string, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** Registers a route that only apps' servers may use. The scope can't have other routes. */
export async function appEndpoint(
  scope: FastifyInstance,
  { path, clients, handle }: { path: string; clients: ClientAuthenticator; handle: AppRequestHandler },
): Promise<void> {
  scope.removeAllContentTypeParsers();
  await scope.register(formbody);
  // A body that isn't form-encoded carries no client assertion: answer 401 `invalid_client`.
  scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null, undefined));

  scope.post(path, async (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    const app = await authenticate(clients, request);
    return app === null ? refuseAppRequest(reply, 401, 'invalid_client') : await handle(app, request, reply);
  });
}

async function authenticate(clients: ClientAuthenticator, request: FastifyRequest): Promise<string | null> {
  try {
    return await clients.authenticate(request.body);
  } catch (error) {
    if (!(error instanceof InvalidClientError)) throw error;
    logProblem(request, `invalid_client: ${error.message}`);
    return null;
  }
}

/** Replies with an OAuth error (RFC 6749, section 5.2). */
export function refuseAppRequest(
  reply: FastifyReply,
  status: 400 | 401,
  error: 'invalid_request' | 'invalid_client',
): FastifyReply {
  return reply.code(status).send({ error });
}
