/** Lets the routes of a scope accept JSON only, so that HTML forms can't reach them. */
import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { parseLocatedJson } from '../files/located-json.ts';
import { HttpProblem } from '../problem/http-problem.ts';

/**
 * Other content types, a missing one included, get `unsupported-media-type`: forms and simple cross-origin
 * requests can't send JSON without a preflight (Fetch standard, CORS-safelisted request-header).
 */
export const jsonBody = fastifyPlugin(
  async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer' },
      (_request: FastifyRequest, bytes: Buffer, done) => {
        let body: unknown;
        try {
          // An empty body is `undefined` and left to the schema: a DELETE may have none.
          body = bytes.length === 0 ? undefined : parseStrictJson(bytes);
        } catch {
          // Not the parser's message: it quotes the body, which may hold a password.
          done(new HttpProblem('invalid-request', { logReason: 'not I-JSON' }));
          return;
        }
        done(null, body);
      },
    );
    scope.addHook('preParsing', ({ method, headers }, _reply, payload, done) => {
      const refuse = (logReason: string) => done(new HttpProblem('unsupported-media-type', { logReason }));
      if ((method === 'POST' || method === 'PUT') && headers['content-type'] === undefined)
        refuse('no content type');
      // RFC 9110, section 8.4: a proxy that decodes it would read a different body than this server.
      else if ((headers['content-encoding'] ?? 'identity') !== 'identity') refuse('a content coding');
      else done(null, payload);
    });
  },
  { name: 'json-body', fastify: '^5.12.8' },
);

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * One member, in ASCII and without escapes, as in steps 2 to 4. It can't break a rule of I-JSON, so the
 * faster `JSON.parse` is enough.
 */
const ONE_PLAIN_MEMBER = /^\{"[a-z]+":"[ !#-[\]-~]*"\}$/;

/**
 * Parses I-JSON (RFC 7493, section 2), which every reader understands in the same way. With a duplicate name,
 * or bytes that aren't UTF-8, a proxy may read something other than this server does.
 *
 * @throws {Error} whose message may quote the text
 */
export function parseStrictJson(bytes: Buffer): unknown {
  const text = UTF_8.decode(bytes);
  return ONE_PLAIN_MEMBER.test(text) ? JSON.parse(text) : parseLocatedJson(text).value;
}
