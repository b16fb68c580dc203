import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

/** Calls back with each connection on which requests can come: of https, once its handshake is done. */
export function onConnection(server: Server, heed: (socket: Socket) => void): void {
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', heed);
}
