/**
 * What the server-to-server endpoints share: a form-encoded body with a client assertion, and OAuth errors.
 * No CORS headers.
 */
import formbody from '@fastify/formbody';
import { logProblem } from '@samesite-sso/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ClientAuthenticator, InvalidClientError } from './client-authentication.ts';

/** `app` is the origin of the authenticated app. */
type AppServerHandler = (app: string, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** Adds a route for the servers of apps. The scope can't have other routes. */
export async function addAppServerRoute(
  scope: FastifyInstance,
  { path, clients, handle }: { path: string; clients: ClientAuthenticator; handle: AppServerHandler },
): Promise<void> {
  scope.removeAllContentTypeParsers();
  await scope.register(formbody);
  // A body that isn't form-encoded carries no client assertion: answer 401 `invalid_client`.
  scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null, undefined));

  scope.post(path, async (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    const app = await authenticate(clients, request);
    return app === null ? sendOAuthError(reply, 401, 'invalid_client') : await handle(app, request, reply);
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

/** RFC 6749, section 5.2. */
export function sendOAuthError(
  reply: FastifyReply,
  status: 400 | 401,
  error: 'invalid_request' | 'invalid_client',
): FastifyReply {
  return reply.code(status).send({ error });
}
