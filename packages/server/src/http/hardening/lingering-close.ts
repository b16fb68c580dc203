/**
 * Ends a connection as RFC 9112, section 9.6, has it: nothing more is said or heard on it, and what the client is still
 * sending is dropped for a moment. Closed with bytes unread, it would be reset by the system, and the client, or a proxy
 * in front, might never read the answer that says what was wrong.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { onConnection } from './connections.ts';

/** Milliseconds: enough for an answer to arrive, and for nobody to keep a connection by. */
const MOMENT = 1000;
/** Bytes, for whoever sends without end. */
const MOST_DROPPED = 4 << 20;

/** @param server whose connections Node ends by `destroySoon` once the last answer is written */
export function lingerAtTheEnd(server: Server): void {
  onConnection(server, (socket) => {
    socket.destroySoon = () => linger(socket);
  });
}

/** From now on the parser hears nothing more of a connection, and what still comes is dropped. */
export function hearNoMore(socket: Socket): void {
  let dropped = 0;
  socket.removeAllListeners('data');
  socket.on('data', ({ length }: Buffer) => {
    dropped += length;
    if (dropped > MOST_DROPPED) socket.destroy();
  });
  socket.resume(); // Node pauses one that sends faster than it is heard.
}

function linger(socket: Socket): void {
  hearNoMore(socket); // A request behind the last one is none.
  socket.end();
  const timer = setTimeout(() => socket.destroy(), MOMENT).unref();
  socket.once('close', () => clearTimeout(timer));
}
