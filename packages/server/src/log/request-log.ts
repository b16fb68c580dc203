/** What the log says of a request: one line, and no secret. */

import { escapeControlCharacters, logReasonOf } from '@samesite-sso/core';
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';

/** Who asked, as far as it is known. */
interface Client {
  /** The IP address, as far as trusted proxies vouch for it. */
  address: string;
  /** The account whose session or password was found right; never a name that somebody typed. */
  accountId: string;
}

const clients = new WeakMap<FastifyRequest, Partial<Client>>();

/**
 * Names the client in the request's log line, so that an expensive request can be attributed. Later notes are
 * added to earlier ones.
 */
export function noteClient(request: FastifyRequest, client: Partial<Client>): void {
  clients.set(request, { ...clients.get(request), ...client });
}

/**
 * Replaces the framework's several lines by one. It shows the route's pattern rather than the address that
 * was asked for, and no body and no header but a stranger's `Origin`: whatever a client puts where it does
 * not belong, a secret among it, stays out of the log. The line names the client where a route notes it.
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
      // It may quote a header. JSON escapes what ends a line, but not what drives a terminal.
      ...(refused !== undefined && { refused: escapeControlCharacters(refused) }),
    };
    if (reply.statusCode >= 500) request.log.error(line, 'request');
    else request.log.info(line, 'request');
  }
}
