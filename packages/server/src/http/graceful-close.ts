/**
 * Lets a server close as soon as no request is in progress. Node itself closes only connections that have
 * had a request and are idle when the server begins to close; for all others it would wait.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import fastifyPlugin from 'fastify-plugin';

const IDLE_CHECK_INTERVAL_MS = 100;

export const gracefulClose = fastifyPlugin(
  async (instance) => {
    const { server } = instance;
    /** Connections without a request, which browsers open in advance. */
    const unused = new Set<Socket>();
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      unused.add(socket);
      socket.once('close', () => unused.delete(socket));
    });
    server.on('request', ({ socket }: IncomingMessage) => unused.delete(socket));

    instance.addHook('preClose', async () => {
      if (!server.listening) return;
      for (const socket of unused) socket.destroy();
      // A connection becomes idle once its last request has its response.
      const timer = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_INTERVAL_MS);
      server.once('close', () => clearInterval(timer));
    });
  },
  { name: 'graceful-close', fastify: '5.x' },
);
