/**
 * The CORS policy of the cross-origin endpoint, and of no other route. An origin that isn't a registered
 * app's gets no `Access-Control-*` header, and its request has no effect.
 */
import cors, { type FastifyCorsOptions } from '@fastify/cors';
import { HttpProblem } from '@samesite-sso/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

/** Chromium caches a preflight for two hours at most, so one serves every step of the flow. */
const PREFLIGHT_MAX_AGE_SECONDS = 7200;

/** Without `allowedHeaders`, `@fastify/cors` would allow every header that a preflight asks for. */
const PREFLIGHT_OPTIONS: FastifyCorsOptions = {
  origin: true,
  credentials: true,
  methods: ['POST'],
  allowedHeaders: ['Content-Type'],
  maxAge: PREFLIGHT_MAX_AGE_SECONDS,
};
const REQUEST_OPTIONS: FastifyCorsOptions = { ...PREFLIGHT_OPTIONS, preflight: false };
const FOREIGN_OPTIONS: FastifyCorsOptions = { origin: false };

/** `origins` are those of the registered apps. Register it in a scope that has no other path than `path`. */
interface CorsPolicyOptions {
  path: string;
  origins: ReadonlySet<string>;
}

async function addCorsPolicy(scope: FastifyInstance, { path, origins }: CorsPolicyOptions): Promise<void> {
  const isAllowed = ({ headers }: FastifyRequest) =>
    headers.origin !== undefined &&
    origins.has(headers.origin) &&
    // Scripts can't set `Sec-Fetch-Site`. It also stops an app of the same domain under another scheme, which
    // browsers treat as another site.
    headers['sec-fetch-site'] !== 'cross-site';

  // Answers preflights of allowed origins, before any session, database or body is read.
  await scope.register(cors, {
    delegator: (request, done) => {
      if (request.routeOptions.url !== path || !isAllowed(request)) done(null, FOREIGN_OPTIONS);
      else done(null, isPreflight(request) ? PREFLIGHT_OPTIONS : REQUEST_OPTIONS);
    },
  });

  // For other origins the library only omits its headers; the request itself must be refused here.
  scope.addHook('onRequest', (request, _reply, done) => {
    // The library adds an OPTIONS route for every path.
    if (request.routeOptions.url !== path) return done();
    if (request.method === 'OPTIONS' && !isPreflight(request)) {
      throw new HttpProblem('invalid-request', { logReason: 'OPTIONS without the headers of a preflight' });
    }
    if ((request.method === 'POST' || request.method === 'OPTIONS') && !isAllowed(request)) {
      throw new HttpProblem('origin-not-allowed', {
        logReason: `origin ${request.headers.origin?.slice(0, 200)}`,
      });
    }
    done();
  });
}

export const corsPolicy = fastifyPlugin(addCorsPolicy, { name: 'cors-policy' });

/** Fetch standard, "CORS-preflight request". */
function isPreflight({ method, headers }: FastifyRequest): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}
