/** Creates a Fastify server with bounds for what it reads and waits for, and one log line per request. */
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { HttpProblem, notFoundProblems, problemResponses, sendProblem } from '@samesite-sso/core';
import { BODY_LIMIT_BYTES } from '@samesite-sso/protocol';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import type { Tls } from '../config/tls.ts';
import { logDestination } from '../log/log-destination.ts';
import { RequestLog } from '../log/request-log.ts';
import { gracefulClose } from './graceful-close.ts';
import { handleClientError } from './hardening/client-errors.ts';
import { oneRequestAtATime } from './hardening/one-request-at-a-time.ts';
import { disconnectClientsThatDoNotRead } from './hardening/unread-responses.ts';

/** From a request's first byte, or the start of the connection, to its last: a request is a few KiB. */
const REQUEST_TIMEOUT_MS = 10_000;

const HTTP_OPTIONS = {
  // Node's default is 30 s: a request could take 40 s instead of 10.
  connectionsCheckingInterval: 1000,
  headersTimeout: 5000,
  // Node's default, set here so that a command line flag of Node can't raise it.
  maxHeaderSize: 16_384,
  // Node would refuse the request before any limit counts it. `one-request-at-a-time.ts` refuses it instead.
  requireHostHeader: false,
};

/** Node's default is two minutes, and the timeouts above don't apply before the TLS handshake is done. */
const TLS_HANDSHAKE_TIMEOUT_MS = 5000;

/** After this many, a client has to reconnect. One that pipelines more is disconnected. */
const MAX_REQUESTS_PER_CONNECTION = 100;

/**
 * The ids of passkeys have up to 1023 bytes (WebAuthn Level 3, section 4), 1364 characters in base64url.
 * Fastify's default is 100.
 */
const MAX_PARAMETER_LENGTH = 1364;

/** An idle connection takes some 25 KiB (measured). */
const MAX_CONNECTIONS = 10_000;

/** Checking all connections takes a millisecond, so it isn't done for each refused one. */
const DROP_CHECK_DELAY_MS = 100;

/**
 * @param logLevel pino's level; the line of each request is `info`
 * @param tls the certificate, if the process speaks HTTPS itself
 * @param trustedProxies the addresses and networks whose `X-Forwarded-For` is trusted
 */
export async function createWebServer({
  logLevel,
  tls,
  trustedProxies = [],
}: {
  logLevel: string;
  tls: Tls | null;
  trustedProxies?: readonly string[];
}): Promise<FastifyInstance> {
  const fastifyOptions: FastifyServerOptions<Server> = {
    logger: { level: logLevel, stream: logDestination },
    logController: new RequestLog(),
    genReqId: () => randomUUID(),
    trustProxy: [...trustedProxies],
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    maxRequestsPerSocket: MAX_REQUESTS_PER_CONNECTION,
    // Load balancers check health by HEAD (RFC 9110, section 9.3.2).
    exposeHeadRoutes: true,
    // A client that is still connected when the process ends gets one more ordinary response.
    return503OnClosing: false,
    clientErrorHandler: handleClientError,
    // Fastify's own message quotes the path, which may hold a secret. No hook runs for an invalid URL, and
    // `maxRequestsPerSocket` doesn't count HTTP/1.0, so nothing else would limit such requests.
    frameworkErrors: (error, request, reply) => {
      if (request.raw.httpVersion === '1.0') request.raw.destroy();
      else sendProblem(new HttpProblem('invalid-request', { logReason: error.code }), request, reply);
    },
    ...(tls
      ? { https: { ...HTTP_OPTIONS, ...tls, handshakeTimeout: TLS_HANDSHAKE_TIMEOUT_MS } }
      : { http: HTTP_OPTIONS }),
  };
  const server: FastifyInstance = Fastify(fastifyOptions);
  // Limit headers by size only: a limit by number makes Node silently drop some, perhaps a second `Origin`.
  server.server.maxHeadersCount = 0;
  server.server.maxConnections = MAX_CONNECTIONS;
  server.server.on('dropRequest', (_request, socket) => socket.destroy());
  closeIdleWhenFull(server.server);
  disconnectClientsThatDoNotRead(server.server);
  await server.register(gracefulClose);
  await server.register(oneRequestAtATime);
  await server.register(problemResponses);
  await server.register(notFoundProblems);
  return server;
}

/** At the limit of connections, closes idle ones to make room for new ones. */
function closeIdleWhenFull(server: Server): void {
  let isScheduled = false;
  server.on('drop', () => {
    if (isScheduled) return;
    isScheduled = true;
    setTimeout(() => {
      isScheduled = false;
      server.closeIdleConnections();
    }, DROP_CHECK_DELAY_MS).unref();
  });
}
