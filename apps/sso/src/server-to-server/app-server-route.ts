/** The shared part of server-to-server endpoints: a form with a client assertion, OAuth errors, no CORS. */
import formbody from '@fastify/formbody';
import { logProblem } from '@samesite-sso/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import type { ClientAssertion } from '../storage/stores.ts';
import { type ClientAuthenticator, InvalidClientError } from './client-authentication.ts';

interface AppServerRoute<Form> {
  path: string;
  clients: ClientAuthenticator;
  form: v.GenericSchema<Form>;
  /** Must accept the assertion, and throws an `InvalidClientError` if it was used before. */
  handle: (assertion: ClientAssertion, form: Form, request: FastifyRequest) => Promise<object>;
}

/** Adds a route for the servers of apps. The scope can't have other routes. */
export async function addAppServerRoute<Form>(
  scope: FastifyInstance,
  { path, clients, form, handle }: AppServerRoute<Form>,
): Promise<void> {
  scope.removeAllContentTypeParsers();
  await scope.register(formbody);
  // A body that isn't form-encoded carries no client assertion: answer 401 `invalid_client`.
  scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null, undefined));

  // Errors as in RFC 6749, section 5.2.
  scope.post(path, async (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    const { body } = request;
    try {
      const assertion = await clients.verify(body);
      if (v.is(form, body)) return await handle(assertion, body, request);
      await clients.accept(assertion);
      return reply.code(400).send({ error: 'invalid_request' });
    } catch (error) {
      if (!(error instanceof InvalidClientError)) throw error;
      logProblem(request, `invalid_client: ${error.message}`);
      return reply.code(401).send({ error: 'invalid_client' });
    }
  });
}
