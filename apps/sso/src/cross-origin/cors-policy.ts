/**
 * The CORS policy of the cross-origin endpoint, and of nothing else: who may ask, and what a browser is
 * told about it. A stranger gets no `Access-Control-*` header and no effect.
 */
import cors, { type FastifyCorsOptions } from '@fastify/cors';
import { HttpProblem } from '@samesite-sso/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Two hours: the longest that Chromium remembers a preflight. One then serves every step of the flow. */
const PREFLIGHT_SECONDS = 7200;

/** Spelled out: left to itself, the library would reflect whatever headers a preflight asks for. */
const POLICY: FastifyCorsOptions = {
  credentials: true,
  methods: ['POST'],
  allowedHeaders: ['Content-Type'],
  maxAge: PREFLIGHT_SECONDS,
};
const FOR_PREFLIGHT: FastifyCorsOptions = { ...POLICY, origin: true };
const FOR_REQUEST: FastifyCorsOptions = { ...POLICY, origin: true, preflight: false };
const FOR_STRANGER: FastifyCorsOptions = { origin: false };

/**
 * Lays the policy on a scope whose only path is `path`.
 *
 * @param origins the origins of the registered apps
 */
export async function applyPolicy(
  scope: FastifyInstance,
  path: string,
  origins: ReadonlySet<string>,
): Promise<void> {
  const isAllowed = (request: FastifyRequest) => {
    const { origin } = request.headers;
    // `Sec-Fetch-Site` cannot be set by a script. It catches what the registry alone cannot: an app that
    // shares the domain but not the scheme, which browsers count as another site.
    return origin !== undefined && origins.has(origin) && request.headers['sec-fetch-site'] !== 'cross-site';
  };

  await scope.register(cors, {
    delegator: (request, done) => {
      if (request.routeOptions.url !== path || !isAllowed(request)) done(null, FOR_STRANGER);
      else done(null, isPreflight(request) ? FOR_PREFLIGHT : FOR_REQUEST);
    },
  });

  // Preflights of allowed origins were answered above. Whatever comes this far and is a stranger's ends
  // here: the library would only leave its headers out, and let the request run.
  scope.addHook('onRequest', async (request) => {
    // The library adds a route for OPTIONS of every path. Theirs is not ours to answer.
    if (request.routeOptions.url !== path) return;
    if (request.method === 'OPTIONS' && !isPreflight(request)) {
      throw new HttpProblem('invalid-request', { logReason: 'an OPTIONS that is no preflight' });
    }
    if ((request.method === 'POST' || request.method === 'OPTIONS') && !isAllowed(request)) {
      throw new HttpProblem('origin-not-allowed', {
        logReason: `origin ${request.headers.origin?.slice(0, 200)}`,
      });
    }
  });
}

/** Fetch standard, "CORS-preflight request". */
function isPreflight({ method, headers }: FastifyRequest): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}
