/** Logs one line per request, without secrets. */
import { escapeControlCharacters, logReasonOf } from '@samesite-sso/core';
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';

interface Client {
  /** The IP address, from a trusted proxy if there is one. */
  address: string;
  /** The account whose session or password was verified. Never a name that a client typed. */
  accountId: string;
}

const clients = new WeakMap<FastifyRequest, Partial<Client>>();

/** Adds the client to the request's log line, so that an operator can tell who sends expensive requests. */
export function noteClient(request: FastifyRequest, client: Partial<Client>): void {
  clients.set(request, { ...clients.get(request), ...client });
}

/**
 * Logs one line instead of Fastify's several, with the route's pattern instead of the URL. Of headers and
 * body, it logs only an `Origin` that was refused: a secret that a client puts in the wrong place stays out.
 */
export class RequestLog extends LogController {
  override incomingRequest(): void {}
  override routeNotFound(): void {}
  override defaultErrorLog(): void {}

  override requestCompleted(
    _error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const refused = logReasonOf(request);
    const line = {
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: reply.statusCode,
      milliseconds: Math.round(reply.elapsedTime * 10) / 10,
      ...clients.get(request),
      // The reason may quote a header. JSON escapes line breaks, but not all that controls a terminal.
      ...(refused !== undefined && { refused: escapeControlCharacters(refused) }),
    };
    if (reply.statusCode >= 500) request.log.error(line, 'request');
    else request.log.info(line, 'request');
  }
}
