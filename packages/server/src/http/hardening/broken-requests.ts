/**
 * Answers what is no HTTP request, or never becomes a whole one, before any route sees it: in the contract's words, of
 * few bytes, with nothing of the request in it, and the connection is closed.
 */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { HttpProblem } from '@samesite-sso/core';
import { PROBLEM_CONTENT_TYPE, type ProblemCode, problem } from '@samesite-sso/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { hearNoMore } from './lingering-close.ts';

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

  // A request whose headers were whole has met its route's hooks: what they said of the answer, the CORS policy above all, holds.
  const replies = new WeakMap<ServerResponse, FastifyReply>();

  server.removeAllListeners('clientError');
  server.on('clientError', ({ code = '' }: NodeJS.ErrnoException, socket: Socket) => {
    // Never the bytes that came: there may be a password among them.
    app.log.debug({ code }, 'broken request');
    if (!isAboutHttp(code) || !mayAnswer(socket, [...(underWay.get(socket) ?? [])])) {
      socket.destroy();
      return;
    }
    hearNoMore(socket);
    // Hooks of a request that came in the same packet as what is wrong with it are still to run.
    setImmediate(() => {
      const [exchange] = underWay.get(socket) ?? [];
      const headers = exchange && replies.get(exchange.response)?.getHeaders();
      if (!exchange?.response.headersSent) {
        socket.write(answer(TOO_LARGE.includes(code) ? 'too-large' : 'invalid-request', headers));
      }
      socket.destroySoon();
    });
  });

  // Node reads `x, chunked` as if it were `chunked`. A proxy in front may have seen another end of the request, and
  // taken what follows for the next one (RFC 9112, section 6.1). So nothing that follows is heard, either.
  const doubtful = new WeakSet<Socket>();
  app.addHook('onRequest', ({ headers, raw: { socket } }, reply, done) => {
    replies.set(reply.raw, reply);
    const coding = headers['transfer-encoding'] ?? 'chunked';
    if (coding.toLowerCase() !== 'chunked') doubtful.add(socket);
    if (!doubtful.has(socket)) {
      done();
      return;
    }
    reply.header('Connection', 'close');
    done(new HttpProblem('invalid-request', { logReason: 'an unknown transfer coding' }));
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

function answer(code: ProblemCode, headers: Readonly<Record<string, unknown>> = {}): string {
  const body = JSON.stringify(problem(code));
  const { status } = problem(code);
  const own = {
    'Content-Type': PROBLEM_CONTENT_TYPE,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    Connection: 'close',
  };
  const isOwn = (name: string) => Object.keys(own).some((each) => each.toLowerCase() === name);
  const lines = [...Object.entries(headers).filter(([name]) => !isOwn(name)), ...Object.entries(own)];
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...lines.map(([name, value]) => `${name}: ${value}`),
    '',
    body,
  ].join('\r\n');
}
