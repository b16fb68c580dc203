/**
 * One request at a time on each connection. A client may send hundreds in one packet and read no answer: made all at once,
 * the answers would fill the memory, and everybody else would wait for them. (How many may wait: bounded-pipelines.ts.)
 */
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

interface Connection {
  isBusy: boolean;
  /** What lets the requests behind the one under way go on, in order. */
  readonly waiting: (() => void)[];
}

/** @param app without routes so far */
export function answerOneAtATime(app: FastifyInstance): void {
  const connections = new WeakMap<Socket, Connection>();

  app.addHook('onRequest', ({ raw: { socket } }, reply, done) => {
    const connection = connections.get(socket) ?? connect(socket);
    // It is over once the client has taken its answer, not when that is made.
    reply.raw.once('close', () => goOn(connection));
    const begin = () => {
      connection.isBusy = true;
      // Who has left, or whose connection ends, is not answered, and what they still wanted is not done.
      if (socket.destroyed || socket.writableEnded) reply.hijack();
      else done();
    };
    if (connection.isBusy) connection.waiting.push(begin);
    else begin();
  });

  function connect(socket: Socket): Connection {
    const connection: Connection = { isBusy: false, waiting: [] };
    connections.set(socket, connection);
    socket.once('close', () => {
      while (connection.waiting.length > 0) goOn(connection);
    });
    return connection;
  }

  function goOn(connection: Connection): void {
    const next = connection.waiting.shift();
    if (next === undefined) connection.isBusy = false;
    else next();
  }
}
