/** A Fastify instance set for this site: bounded in what it reads and waits for, one log line a request. */
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import {
  AddressRanges,
  HttpProblem,
  refuseUnknownRoutes,
  replyWithProblems,
  sendProblem,
} from '@samesite-sso/core';
import { BODY_LIMIT_BYTES } from '@samesite-sso/protocol';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { logStream } from '../log/log-stream.ts';
import { RequestLog } from '../log/request-log.ts';
import { boundPipelines } from './hardening/bounded-pipelines.ts';
import { answerBrokenRequests } from './hardening/broken-requests.ts';
import { lingerAtTheEnd } from './hardening/lingering-close.ts';
import { answerOneAtATime } from './hardening/one-at-a-time.ts';
import type { Tls } from './tls.ts';

/** Milliseconds from a request's first byte, or the connection's start, to its last: a request is a few KiB. */
const REQUEST_PATIENCE = 10_000;

const LIMITS = {
  // Node looks for those that are late every 30 s, unless it is told: 10 s would be up to 40.
  connectionsCheckingInterval: 1000,
  headersTimeout: 5000,
  // Node's default, said aloud: a flag given to Node must not widen it.
  maxHeaderSize: 16_384,
};

/** Milliseconds for a TLS handshake: Node would wait for two minutes, out of reach of the limits above. */
const HANDSHAKE_PATIENCE = 5000;

/**
 * Milliseconds without a byte in either direction while an answer is due: longer than any answer takes to make,
 * and the end of a client that does not read it.
 */
const STALLED_PATIENCE = 20_000;

/** Connections at once, of some 25 KiB each while they idle (measured). Without a bound, memory would have none. */
const MOST_CONNECTIONS = 10_000;

/**
 * @param logLevel pino's level; one line a request is `info`
 * @param tls the certificate, where the process speaks https itself
 * @param trustedProxies whose `X-Forwarded-For` says who the client is
 */
export function createWebServer({
  logLevel,
  tls,
  trustedProxies = new AddressRanges([]),
}: {
  logLevel: string;
  tls: Tls | null;
  trustedProxies?: AddressRanges;
}): FastifyInstance {
  const options: FastifyServerOptions<Server> = {
    logger: { level: logLevel, stream: logStream },
    logController: new RequestLog(),
    genReqId: () => randomUUID(),
    trustProxy: (address) => trustedProxies.includes(address),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_PATIENCE,
    connectionTimeout: STALLED_PATIENCE,
    // Load balancers check health by HEAD (RFC 9110, section 9.3.2).
    exposeHeadRoutes: true,
    // Whoever is still connected when the process ends is answered once more, in the contract's words.
    return503OnClosing: false,
    // Not the framework's words: they quote the path, whatever was put there.
    frameworkErrors: (error, request, reply) =>
      sendProblem(new HttpProblem('invalid-request', { logReason: error.code }), request, reply),
    ...(tls ? { https: { ...LIMITS, ...tls, handshakeTimeout: HANDSHAKE_PATIENCE } } : { http: LIMITS }),
  };
  const app: FastifyInstance = Fastify(options);
  // The limit above is in bytes. One in number would drop the rest unsaid, and with it perhaps a second `Origin`.
  app.server.maxHeadersCount = 0;
  app.server.maxConnections = MOST_CONNECTIONS;
  makeRoom(app.server);
  boundPipelines(app.server);
  lingerAtTheEnd(app.server);
  answerBrokenRequests(app);
  answerOneAtATime(app);
  replyWithProblems(app);
  refuseUnknownRoutes(app);
  return app;
}

/** Where there are as many connections as may be, those that ask for nothing give way to those that want to. */
function makeRoom(server: Server): void {
  let isAboutTo = false;
  server.on('drop', () => {
    // Looking through them all takes a millisecond: not for each that was refused.
    if (isAboutTo) return;
    isAboutTo = true;
    setTimeout(() => {
      isAboutTo = false;
      server.closeIdleConnections();
    }, 100).unref();
  });
}
