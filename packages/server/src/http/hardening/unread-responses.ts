/**
 * Disconnects clients that stop reading. Node's own timeout (`server.timeout`) doesn't: it starts again with
 * each byte that the client sends.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { onConnection } from '../connections.ts';

/**
 * The kernel takes more only once a third of its send buffer is free, so a client that reads a few KiB a
 * second looks as if it read nothing. Our responses fit into that buffer.
 */
export const CHECK_INTERVAL_MS = 20_000;

export function disconnectClientsThatDoNotRead(server: Server): void {
  onConnection(server, (socket) => {
    let lastSent: number | null = null;
    const timer = setInterval(() => {
      const sent = sentWhileMoreWaits(socket);
      if (sent !== null && sent === lastSent) socket.destroy();
      lastSent = sent;
    }, CHECK_INTERVAL_MS).unref();
    socket.once('close', () => clearInterval(timer));
  });
}

/** Returns how much the operating system has taken from a socket that has more to send, or null. */
function sentWhileMoreWaits({ bytesWritten, writableLength }: Socket): number | null {
  // Node counts waiting bytes as written.
  return writableLength > 0 ? bytesWritten - writableLength : null;
}
