/** Makes a scope of routes read JSON and nothing else, so that a form can never reach them unasked. */
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpProblem } from '../problem/http-problem.ts';
import { parseStrictJson } from './strict-json.ts';

/**
 * Other content types are refused with `unsupported-media-type`, a missing one included: HTML forms and
 * simple cross-origin requests cannot send JSON without a preflight (Fetch standard, CORS-safelisted
 * request-header). Values are checked as they came, never converted to what the schema would like.
 */
export function acceptJsonOnly(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    // No body is nothing, for the schema to judge, rather than broken JSON: a DELETE may well have none.
    async (_request: FastifyRequest, body: Buffer) => (body.length === 0 ? undefined : parse(body)),
  );
  scope.setValidatorCompiler(TypeBoxValidatorCompiler);
  scope.addHook('preParsing', async ({ method, headers }) => {
    if (method === 'POST' && headers['content-type'] === undefined) {
      throw new HttpProblem('unsupported-media-type', { logReason: 'no content type' });
    }
    // RFC 9110, section 8.4: a proxy that undoes it would have read another body than we do.
    if (headers['content-encoding'] !== undefined) {
      throw new HttpProblem('unsupported-media-type', { logReason: 'a content coding' });
    }
  });
}

function parse(body: Buffer): unknown {
  try {
    return parseStrictJson(body);
  } catch {
    // Not the parser's words: they quote what was sent, a password among it.
    throw new HttpProblem('invalid-request', { logReason: 'not I-JSON' });
  }
}
