/**
 * The CORS policy of the cross-origin endpoint, and of no other route. An origin that isn't a registered
 * app's gets no `Access-Control-*` header, and its request has no effect.
 */
import cors from '@fastify/cors';
import { HttpProblem } from '@samesite-sso/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { AppRegistry } from '../registry/app-registry.ts';

/** Chromium caches a preflight for two hours at most, so one serves every step of the flow. */
const PREFLIGHT_MAX_AGE_SECONDS = 7200;

/** Register it in a scope that has no other path than `path`. */
interface CorsPolicyOptions {
  path: string;
  registry: Pick<AppRegistry, 'find'>;
}

async function addCorsPolicy(scope: FastifyInstance, { path, registry }: CorsPolicyOptions): Promise<void> {
  const isRegistered = (origin: string | undefined) => registry.find(origin) !== undefined;
  const refuse = ({ headers }: FastifyRequest) =>
    new HttpProblem('origin-not-allowed', { logReason: `origin ${headers.origin?.slice(0, 200)}` });

  // The library would answer the preflight of any path, and only omits its headers for other origins.
  scope.addHook('onRequest', (request, reply, done) => {
    const { method, headers, routeOptions } = request;
    if (routeOptions.url !== path) return void reply.callNotFound();
    reply.header('Vary', 'Origin');
    // Scripts can't set `Sec-Fetch-Site`. It also stops an app of the same domain under another scheme, which
    // browsers treat as another site.
    const isAllowed = isRegistered(headers.origin) && headers['sec-fetch-site'] !== 'cross-site';
    if (method === 'OPTIONS' && !isPreflight(request)) {
      if (isAllowed) {
        reply.header('Access-Control-Allow-Origin', headers.origin);
        reply.header('Access-Control-Allow-Credentials', 'true');
      }
      done(new HttpProblem('invalid-request', { logReason: 'OPTIONS without the headers of a preflight' }));
    } else if ((method === 'POST' || method === 'OPTIONS') && !isAllowed) {
      done(refuse(request));
    } else {
      done();
    }
  });

  // Answers preflights, before any session, database or body is read.
  await scope.register(cors, {
    origin: (origin, done) => done(null, isRegistered(origin)),
    credentials: true,
    methods: ['POST'],
    // Without it, `@fastify/cors` would allow every header that a preflight asks for.
    allowedHeaders: ['Content-Type'],
    maxAge: PREFLIGHT_MAX_AGE_SECONDS,
  });

  // A body may take seconds to arrive, and the app may be removed meanwhile.
  scope.addHook('preHandler', (request, reply, done) => {
    if (isRegistered(request.headers.origin)) return done();
    reply.removeHeader('Access-Control-Allow-Origin');
    reply.removeHeader('Access-Control-Allow-Credentials');
    done(refuse(request));
  });
}

export const corsPolicy = fastifyPlugin(addCorsPolicy, { name: 'cors-policy' });

/** Fetch standard, "CORS-preflight request". */
function isPreflight({ method, headers }: FastifyRequest): boolean {
  const hasMethod = Boolean(headers['access-control-request-method']);
  return method === 'OPTIONS' && headers.origin !== undefined && hasMethod;
}
