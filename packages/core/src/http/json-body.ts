/**
 * Lets the routes of a scope accept JSON only, so that HTML forms can't reach them, and describe requests and
 * responses by Valibot schemas.
 */
import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import * as v from 'valibot';
import { parseLocatedJson } from '../files/located-json.ts';
import { HttpProblem } from '../problem/http-problem.ts';

/**
 * Other content types, a missing one included, get `unsupported-media-type`: forms and simple cross-origin
 * requests can't send JSON without a preflight (Fetch standard, CORS-safelisted request-header). Values are
 * validated as sent, never converted to what the schema asks for. A response that doesn't match its schema is
 * our own mistake: it isn't sent.
 */
export const jsonBody = fastifyPlugin(
  async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer' },
      // An empty body is `undefined` and left to the schema: a DELETE may have none.
      async (_request: FastifyRequest, body: Buffer) => (body.length === 0 ? undefined : parse(body)),
    );
    scope.setValidatorCompiler<v.GenericSchema>(({ schema, httpPart }) => (value) => {
      const { success, output, issues } = v.safeParse(schema, value);
      if (success) return { value: output };
      return { error: new HttpProblem('invalid-request', { logReason: describeIssue(issues[0], httpPart) }) };
    });
    scope.setSerializerCompiler<v.GenericSchema>(({ schema }) => (value) => {
      const { success, output, issues } = v.safeParse(schema, value);
      if (success) return JSON.stringify(output);
      throw new Error(describeIssue(issues[0], 'response'));
    });
    scope.addHook('preParsing', async ({ method, headers }) => {
      if (method === 'POST' && headers['content-type'] === undefined) {
        throw new HttpProblem('unsupported-media-type', { logReason: 'no content type' });
      }
      // RFC 9110, section 8.4: a proxy that decodes it would read a different body than this server.
      if (headers['content-encoding'] !== undefined) {
        throw new HttpProblem('unsupported-media-type', { logReason: 'a content coding' });
      }
    });
  },
  { name: 'json-body', fastify: '5.x' },
);

/**
 * Parses I-JSON (RFC 7493, section 2), which every reader understands in the same way. With a duplicate name,
 * or bytes that aren't UTF-8, a proxy may read something other than this server does.
 *
 * @throws {Error} whose message may quote the text
 */
export function parseStrictJson(bytes: Buffer): unknown {
  return parseLocatedJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)).value;
}

/**
 * Names the member and the rule, for the log. The issue's message quotes the value, which may be a password,
 * and the path to an unknown member ends with a name that the client chose.
 */
function describeIssue({ path, expected, type }: v.BaseIssue<unknown>, part?: string): string {
  if (expected === 'never') return `${part}: unknown member`;
  const name = [part, ...(path ?? []).map(({ key }) => key)].join('.');
  return `${name}: expected ${expected ?? type}`;
}

function parse(body: Buffer): unknown {
  try {
    return parseStrictJson(body);
  } catch {
    // Not the parser's message: it quotes the body, which may hold a password.
    throw new HttpProblem('invalid-request', { logReason: 'not I-JSON' });
  }
}
