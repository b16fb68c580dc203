/** A Fastify instance set for this site: bounded in what it reads and waits for, one log line a request. */
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { BODY_LIMIT_BYTES } from '@samesite-sso/protocol';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { refuseUnknownRoutes, replyWithProblems, sendProblem } from './problem-replies.ts';
import { Refusal } from './refusal.ts';
import { RequestLog } from './request-log.ts';
import type { Tls } from './tls.ts';

/**
 * @param logLevel pino's level; one line a request is `info`
 * @param tls the certificate, where the process speaks https itself
 */
export function createWebServer({ logLevel, tls }: { logLevel: string; tls: Tls | null }): FastifyInstance {
  const options: FastifyServerOptions<Server> = {
    logger: { level: logLevel },
    logController: new RequestLog(),
    genReqId: () => randomUUID(),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: 10_000,
    exposeHeadRoutes: false,
    frameworkErrors: (error, request, reply) =>
      sendProblem(new Refusal('invalid-request', { detail: error.message }), request, reply),
    ...(tls && { https: tls }),
  };
  const app: FastifyInstance = Fastify(options);
  replyWithProblems(app);
  refuseUnknownRoutes(app);
  return app;
}
