/**
 * Turns whatever a route throws into an answer: a refusal into its problem (RFC 9457), the framework's own
 * complaints about a request into the matching one, and anything else into a 500 that tells nothing.
 */
import { PROBLEM_CONTENT_TYPE, type ProblemCode, problem } from '@samesite-sso/protocol';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HttpProblem } from './http-problem.ts';

/** The true reason of each refused request, for its log line. */
const logReasons = new WeakMap<FastifyRequest, string>();

/** Notes for the log why a request was refused, where a standard words the answer. */
export function logProblem(request: FastifyRequest, logReason: string): void {
  logReasons.set(request, logReason);
}

/** Why a request was refused, if it was: for the log, never for an answer. */
export function logReasonOf(request: FastifyRequest): string | undefined {
  return logReasons.get(request);
}

/** Makes a scope, and all scopes below it, refuse in the contract's words. */
export function replyWithProblems(scope: FastifyInstance): void {
  scope.setErrorHandler((error, request, reply) => sendProblem(toHttpProblem(error), request, reply));
}

/**
 * Answers 405 on an address that exists for other methods only, and 404 elsewhere.
 *
 * @param app without routes so far
 */
export function refuseUnknownRoutes(app: FastifyInstance): void {
  // Looked up by what was asked for, never as a pattern: the asker would choose it.
  const methodsByPath = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsByPath.get(url) ?? new Set();
    for (const each of [method].flat()) if (CONTRACTS.includes(each)) methods.add(each);
    methodsByPath.set(url, methods);
  });
  app.setNotFoundHandler((request, reply) => {
    const methods = methodsByPath.get(pathOf(request)) ?? new Set();
    const isOtherMethod = methods.size > 0 && !methods.has(request.method);
    if (isOtherMethod) reply.header('Allow', CONTRACTS.filter((each) => methods.has(each)).join(', '));
    sendProblem(new HttpProblem(isOtherMethod ? 'method-not-allowed' : 'not-found'), request, reply);
  });
}

/** The methods that the contract's endpoints know. */
const CONTRACTS: readonly string[] = ['GET', 'HEAD', 'POST', 'DELETE'];

export function sendProblem(refusal: HttpProblem, request: FastifyRequest, reply: FastifyReply): void {
  const { code, detail, logReason, retryAfterSeconds } = refusal;
  logProblem(request, logReason === undefined ? code : `${code}: ${logReason}`);
  if (retryAfterSeconds !== undefined) reply.header('Retry-After', String(retryAfterSeconds));
  reply
    .code(refusal.statusCode)
    .header('Cache-Control', 'no-store')
    .type(PROBLEM_CONTENT_TYPE)
    .serializer(JSON.stringify)
    .send(
      problem(code, {
        ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
        ...(detail !== undefined && { detail }),
      }),
    );
}

/** What a route threw, as the refusal that it comes to. */
export function toHttpProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  const { code, statusCode, validation } =
    error instanceof Error ? (error as FastifyError) : ({} as FastifyError);
  const isAboutTheRequest =
    validation !== undefined || /^FST_ERR_(CTP|ROUTE_MISSING_CONTENT_TYPE)/.test(String(code));
  const refused = isAboutTheRequest ? BY_STATUS[statusCode ?? 0] : undefined;
  // Not the validator's words: they quote names that the client chose.
  if (refused !== undefined) return new HttpProblem(refused, { logReason: code });
  return new HttpProblem('internal-error', {
    logReason: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
}

const BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: 'invalid-request',
  413: 'too-large',
  415: 'unsupported-media-type',
};

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}
