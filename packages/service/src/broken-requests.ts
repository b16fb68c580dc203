/**
 * Answers what is no HTTP request, or never becomes a whole one, before any route sees it: in the contract's words, of
 * few bytes, with nothing of the request in it, and the connection is closed.
 */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PROBLEM_CONTENT_TYPE, type ProblemCode, problem } from '@samesite-sso/protocol';
import type { FastifyInstance } from 'fastify';
import { Refusal } from './refusal.ts';

/** What Node's parser calls too large: the headers, and what chunks of a body may carry besides. */
const TOO_LARGE: readonly string[] = ['HPE_HEADER_OVERFLOW', 'HPE_CHUNK_EXTENSIONS_OVERFLOW'];

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/** @param app whose server's errors nobody answers so far */
export function answerBrokenRequests(app: FastifyInstance): void {
  const { server } = app;
  const underWay = new WeakMap<Socket, Set<Exchange>>();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const exchanges = underWay.get(request.socket) ?? new Set();
    underWay.set(request.socket, exchanges);
    const exchange = { request, response };
    exchanges.add(exchange);
    response.once('close', () => exchanges.delete(exchange));
  });

  server.removeAllListeners('clientError');
  server.on('clientError', ({ code = '' }: NodeJS.ErrnoException, socket: Socket) => {
    // Never the bytes that came: there may be a password among them.
    app.log.debug({ code }, 'broken request');
    if (!isAboutHttp(code) || !mayAnswer(socket, [...(underWay.get(socket) ?? [])])) {
      socket.destroy();
      return;
    }
    socket.write(answer(TOO_LARGE.includes(code) ? 'too-large' : 'invalid-request'));
    socket.destroySoon();
  });

  // Node reads `x, chunked` as if it were `chunked`. A proxy in front may have seen another end of the request, and
  // taken what follows for the next one (RFC 9112, section 6.1). So nothing that follows is heard, either.
  const doubtful = new WeakSet<Socket>();
  app.addHook('onRequest', async ({ headers, socket }, reply) => {
    const coding = headers['transfer-encoding'] ?? 'chunked';
    if (coding.toLowerCase() !== 'chunked') doubtful.add(socket);
    if (!doubtful.has(socket)) return;
    reply.header('Connection', 'close');
    throw new Refusal('invalid-request', { detail: 'an unknown transfer coding' });
  });
}

/** Not of TLS, where nothing can be said yet, nor of a connection that is gone. */
function isAboutHttp(code: string): boolean {
  return code.startsWith('HPE_') || code === 'ERR_HTTP_REQUEST_TIMEOUT';
}

/**
 * Who has not sent a byte asks for nothing: browsers open connections in advance. And while an earlier request is being
 * answered, its client would take these words for the answer to that.
 */
function mayAnswer(socket: Socket, [first, ...others]: readonly Exchange[]): boolean {
  if (!socket.writable || socket.bytesRead === 0) return false;
  if (first === undefined) return true;
  return others.length === 0 && !first.request.complete && !first.response.headersSent;
}

function answer(code: ProblemCode): string {
  const body = JSON.stringify(problem(code));
  const { status } = problem(code);
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_CONTENT_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
