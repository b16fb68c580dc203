/**
 * Answers invalid HTTP, and requests that don't arrive in time, before a route handles them: with a short
 * problem that repeats nothing of the request. Then closes the connection.
 */
import { type OutgoingHttpHeaders, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PROBLEM_CONTENT_TYPE, problem } from '@samesite-sso/protocol';
import type { FastifyInstance } from 'fastify';
import { connectionState } from './one-request-at-a-time.ts';

/** What Node's parser reports for oversized headers, and for oversized extensions of a body's chunks. */
const TOO_LARGE_CODES: readonly string[] = ['HPE_HEADER_OVERFLOW', 'HPE_CHUNK_EXTENSIONS_OVERFLOW'];

/** Node reports an error again for each packet that arrives before the connection is closed. */
const handled = new WeakSet<Socket>();

/** Fastify's `clientErrorHandler`. */
export function handleClientError(
  this: FastifyInstance,
  { code = '' }: NodeJS.ErrnoException,
  socket: Socket,
): void {
  if (handled.has(socket)) return;
  handled.add(socket);
  // Log the code only: the received bytes may contain a password.
  this.log.debug({ code }, 'client error');
  // TLS errors come before HTTP, and browsers open connections in advance without sending a byte.
  const isHttpError = code.startsWith('HPE_') || code === 'ERR_HTTP_REQUEST_TIMEOUT';
  if (!isHttpError || !socket.writable || socket.bytesRead === 0) {
    socket.destroy();
    return;
  }
  // Wait for the hooks of a request that came in the same packet as the error in its body.
  setImmediate(() => respond(code, socket));
}

function respond(code: string, socket: Socket): void {
  const { status, ...members } = problem(TOO_LARGE_CODES.includes(code) ? 'too-large' : 'invalid-request');
  const body = JSON.stringify({ ...members, status });
  const headers = {
    'content-type': PROBLEM_CONTENT_TYPE,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    connection: 'close',
  };
  const { current, waitingCount, isBodyDiscarded } = connectionState(socket);
  if (current === null && !isBodyDiscarded) {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'));
  } else if (
    current !== null &&
    waitingCount === 0 &&
    !current.request.raw.complete &&
    !current.raw.headersSent
  ) {
    // The body is invalid. Keep the headers that hooks have set: without CORS, the page couldn't read this.
    current.headers(headers).hijack();
    current.raw.writeHead(status, current.getHeaders() as OutgoingHttpHeaders).end(body);
  }
  // Otherwise send nothing: the client would take it for the response to an earlier request, or for a second
  // response to the request whose body it still sends.
  socket.destroySoon();
}
