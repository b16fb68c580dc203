/**
 * One request at a time on each connection. A client may send hundreds in one packet and read no answer: made all at once,
 * the answers would fill the memory, and everybody else would wait for them.
 */
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** @param app without routes so far */
export function answerOneAtATime(app: FastifyInstance): void {
  const answered = new WeakMap<Socket, Promise<void>>();
  app.addHook('onRequest', async ({ raw: { socket } }, reply) => {
    const before = answered.get(socket);
    // It is over once the client has taken it, not when it is made.
    answered.set(socket, new Promise((resolve) => reply.raw.once('close', resolve)));
    if (before === undefined) return;
    await before;
    // Who has left is not answered, and what they still wanted is not done.
    if (socket.destroyed) reply.hijack();
  });
}
