/**
 * Turns what a route throws into a response: an `HttpProblem` into its problem (RFC 9457), Fastify's own
 * errors about a request into the matching problem, and everything else into a 500 that reveals nothing.
 */
import type { IncomingMessage } from 'node:http';
import { PROBLEM_CONTENT_TYPE, type ProblemCode, problem } from '@samesite-sso/protocol';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { HttpProblem } from './http-problem.ts';

/** Enough for a client that sends its whole body before it reads the response. */
const MAX_DISCARDED_BYTES = 4 * 2 ** 20;

const logReasons = new WeakMap<FastifyRequest, string>();

/** Records why a request was refused, where a standard defines the response. */
export function logProblem(request: FastifyRequest, logReason: string): void {
  logReasons.set(request, logReason);
}

/** Returns why a request was refused, if it was. For the log only, never for a response. */
export function logReasonOf(request: FastifyRequest): string | undefined {
  return logReasons.get(request);
}

/** Sends problems for errors in the scope that registers it, and in all scopes below. */
export const problemResponses = fastifyPlugin(
  async (scope) => {
    scope.setErrorHandler((error, request, reply) => {
      const httpProblem = toHttpProblem(error);
      if (httpProblem.code === 'too-large') {
        // Fastify would close the connection. While the client still sends, that resets it, and the response
        // may be lost (RFC 9112, section 9.6).
        reply.removeHeader('connection');
        discardBody(request.raw);
      }
      sendProblem(httpProblem, request, reply);
    });
  },
  { name: 'problem-responses', fastify: '5.x' },
);

function discardBody(request: IncomingMessage): void {
  let discardedBytes = 0;
  request.on('data', ({ length }: Buffer) => {
    discardedBytes += length;
    if (discardedBytes > MAX_DISCARDED_BYTES) request.destroy();
  });
}

/** Sends 405 for a path whose routes have other methods, and 404 for others. Register it before routes. */
export const notFoundProblems = fastifyPlugin(
  async (server) => {
    const methodsByPath = new Map<string, Set<string>>();
    server.addHook('onRoute', ({ url, method }) => {
      const methods = methodsByPath.get(url) ?? new Set();
      for (const each of [method].flat()) if (METHODS.includes(each)) methods.add(each);
      methodsByPath.set(url, methods);
    });
    server.setNotFoundHandler((request, reply) => {
      // Exact lookup: the path is client input and must not be treated as a pattern.
      const [path = '/'] = request.url.split('?', 1);
      const methods = methodsByPath.get(path) ?? new Set();
      const isOtherMethod = methods.size > 0 && !methods.has(request.method);
      if (isOtherMethod) reply.header('Allow', METHODS.filter((each) => methods.has(each)).join(', '));
      sendProblem(new HttpProblem(isOtherMethod ? 'method-not-allowed' : 'not-found'), request, reply);
    });
  },
  { name: 'not-found-problems', fastify: '5.x' },
);

/** The methods that `Allow` may list. */
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];

export function sendProblem(httpProblem: HttpProblem, request: FastifyRequest, reply: FastifyReply): void {
  const { code, statusCode, detail, logReason, retryAfterSeconds, members, headers } = httpProblem;
  logProblem(request, logReason === undefined ? code : `${code}: ${logReason}`);
  if (retryAfterSeconds !== undefined) reply.header('Retry-After', String(retryAfterSeconds));
  reply
    .code(statusCode)
    .headers(headers)
    .header('Cache-Control', 'no-store')
    .type(PROBLEM_CONTENT_TYPE)
    .serializer(JSON.stringify)
    .send({ ...problem(code), retryAfterSeconds, detail, ...members });
}

/** Converts anything that a route threw. */
export function toHttpProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (!(error instanceof Error)) return new HttpProblem('internal-error', { logReason: String(error) });
  const { code, statusCode, validation } = error as FastifyError;
  const isAboutRequest = validation !== undefined || /^FST_ERR_(CTP|ROUTE_MISSING_CONTENT_TYPE)/.test(code);
  const problemCode = isAboutRequest ? CODE_BY_STATUS[statusCode ?? 0] : undefined;
  // Not the validator's message: it quotes names that the client chose.
  if (problemCode !== undefined) return new HttpProblem(problemCode, { logReason: code });
  return new HttpProblem('internal-error', { logReason: error.stack ?? error.message });
}

const CODE_BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: 'invalid-request',
  413: 'too-large',
  415: 'unsupported-media-type',
};
