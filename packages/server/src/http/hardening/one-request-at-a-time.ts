/**
 * Handles one request at a time on each connection. A client may pipeline hundreds of requests in one packet
 * and read no response. If all were handled at once, the responses would fill the memory.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { HttpProblem } from '@samesite-sso/core';
import type { FastifyReply, HookHandlerDoneFunction } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

/** Requests that wait for an earlier one of their connection, over all connections. */
const MAX_WAITING_REQUESTS = 1024;

interface Connection {
  /** The response that the client gets next. */
  current: FastifyReply | null;
  /** The request that got the last response. The client may still be sending its body. */
  answered: IncomingMessage | null;
  /** The later requests, in order of arrival. */
  readonly waiting: { reply: FastifyReply; done: HookHandlerDoneFunction }[];
}

const connections = new WeakMap<Socket, Connection>();

/** What a connection is busy with, for `client-errors.ts`. */
export function connectionState(socket: Socket) {
  const { current = null, answered = null, waiting = [] } = connections.get(socket) ?? {};
  return { current, waitingCount: waiting.length, isBodyDiscarded: answered?.complete === false };
}

export const oneRequestAtATime = fastifyPlugin(
  async (server) => {
    let waitingCount = 0;

    server.addHook('onRequest', ({ raw: { socket } }, reply, done) => {
      const connection = connections.get(socket) ?? addConnection(socket);
      if (connection.current !== null && waitingCount >= MAX_WAITING_REQUESTS) socket.destroy();
      if (connection.current === null || socket.destroyed) return start(connection, reply, done);
      connection.waiting.push({ reply, done });
      waitingCount += 1;
    });

    // The turn ends once the response has been handed to the operating system, not when it is ready.
    server.addHook('onResponse', ({ raw }, _reply, done) => {
      const connection = connections.get(raw.socket);
      if (connection !== undefined) {
        connection.answered = raw;
        startNext(connection);
      }
      done();
    });

    function addConnection(socket: Socket): Connection {
      const connection: Connection = { current: null, answered: null, waiting: [] };
      connections.set(socket, connection);
      socket.once('close', () => {
        while (connection.waiting.length > 0) startNext(connection);
      });
      return connection;
    }

    function startNext(connection: Connection): void {
      connection.current = null;
      const next = connection.waiting.shift();
      if (next === undefined) return;
      waitingCount -= 1;
      start(connection, next.reply, next.done);
    }
  },
  { name: 'one-request-at-a-time', fastify: '5.x' },
);

function start(connection: Connection, reply: FastifyReply, done: HookHandlerDoneFunction): void {
  const { raw } = reply.request;
  // After a response with `Connection: close`, and after a disconnect, nothing else is handled.
  if (raw.socket.destroyed || raw.socket.writableEnded) {
    reply.hijack();
    return;
  }
  connection.current = reply;
  const logReason = findAmbiguity(raw);
  // `maxRequestsPerSocket` doesn't count requests of HTTP/1.0.
  if (logReason !== null || raw.httpVersion === '1.0') reply.header('Connection', 'close');
  if (logReason === null) done();
  else done(new HttpProblem('invalid-request', { logReason }));
}

/** Returns why a proxy in front may read this request differently, or null. */
function findAmbiguity({ headers, httpVersion }: IncomingMessage): string | null {
  if (httpVersion === '1.1' && headers.host === undefined) return 'no Host';
  const coding = headers['transfer-encoding'] ?? 'chunked';
  if (coding.toLowerCase() === 'chunked') return null;
  // Node reads `x, chunked` as `chunked`. A proxy in front may have seen another end of the request and taken
  // the rest for the next one (RFC 9112, section 6.1), so the connection ends here.
  return 'an unknown transfer coding';
}
