/** Makes a scope of routes read JSON and nothing else, so that a form can never reach them unasked. */
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Refusal } from './refusal.ts';

/**
 * Other content types are refused with `unsupported-media-type`, a missing one included: HTML forms and
 * simple cross-origin requests cannot send JSON without a preflight (Fetch standard, CORS-safelisted
 * request-header). Values are checked as they came, never converted to what the schema would like.
 */
export function acceptJsonOnly(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  // No body is nothing, for the schema to judge, rather than broken JSON: a DELETE may well have none.
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) =>
    body === '' ? done(null, undefined) : parse(request, body, done),
  );
  scope.setValidatorCompiler(TypeBoxValidatorCompiler);
  scope.addHook('preParsing', async (request) => {
    if (request.method === 'POST' && request.headers['content-type'] === undefined) {
      throw new Refusal('unsupported-media-type', { detail: 'no content type' });
    }
  });
}
