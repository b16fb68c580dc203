/**
 * Lets a server stop as soon as no request is in progress, without losing one that has reached it.
 *
 * First it drains: it goes on serving while it announces its end. `/readyz` fails (`health.ts`), so that a
 * load balancer that checks it sends no more requests, and each response closes its connection. Then it
 * closes. Node itself closes only connections that have had a request and are idle when the server begins to
 * close; for all others it would wait.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import fastifyPlugin from 'fastify-plugin';
import { onConnection } from './connections.ts';
import { HEALTH_PATHS } from './health.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Resolves once requests have ceased, or after a few seconds. Call `close` then. */
    drain(): Promise<void>;
    isDraining(): boolean;
  }
}

/** After this long without a request, the load balancer has noticed, or there is hardly any traffic. */
const QUIET_MS = 200;
/** Lets a load balancer that checks every second notice under load. Others notice a refused connection. */
const MAX_DRAIN_MS = 3000;
const DRAIN_CHECK_INTERVAL_MS = 50;

/** How long a new connection may wait for its first request. Browsers also open connections in advance. */
const UNUSED_CONNECTION_MS = 1000;
const IDLE_CHECK_INTERVAL_MS = 100;

/** During a longer turn of the event loop, another connection may have arrived. */
const MAX_TURN_MS = 1;
const MAX_ACCEPT_MS = 1000;

export const gracefulClose = fastifyPlugin(
  async (instance) => {
    const { server } = instance;
    /** Connections without a request. */
    const unused = new Set<Socket>();
    let isDraining = false;
    let lastRequestAtMs = 0;
    onConnection(server, (socket) => {
      unused.add(socket);
      socket.once('close', () => unused.delete(socket));
    });
    server.prependListener('request', ({ socket, url = '' }: IncomingMessage, response: ServerResponse) => {
      unused.delete(socket);
      if (!HEALTH_PATHS.includes(url)) lastRequestAtMs = performance.now();
      if (isDraining) response.setHeader('Connection', 'close');
    });

    instance.decorate('isDraining', () => isDraining);
    instance.decorate('drain', async () => {
      isDraining = true;
      const startedAtMs = performance.now();
      const quietMs = () => performance.now() - Math.max(startedAtMs, lastRequestAtMs);
      while (quietMs() < QUIET_MS && performance.now() - startedAtMs < MAX_DRAIN_MS) {
        await delay(DRAIN_CHECK_INTERVAL_MS);
      }
    });
    instance.addHook('preClose', async () => {
      if (!server.listening) return;
      await acceptWaitingConnections(server);
      const unusedTimer = setTimeout(() => {
        for (const socket of unused) socket.destroy();
      }, UNUSED_CONNECTION_MS);
      // A connection becomes idle once its last request has its response.
      const idleTimer = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_INTERVAL_MS);
      server.once('close', () => {
        clearTimeout(unusedTimer);
        clearInterval(idleTimer);
      });
    });
  },
  { name: 'graceful-close', fastify: '5.x' },
);

/**
 * The kernel has accepted connections that Node hasn't yet: Node accepts one per turn of the event loop.
 * Closing the server resets them, although a client may have sent a request. So this waits for a short turn
 * without a new connection, and the caller must then close the server at once.
 */
async function acceptWaitingConnections(server: Server): Promise<void> {
  let count = 0;
  const increment = () => {
    count += 1;
  };
  server.on('connection', increment);
  const endsAtMs = performance.now() + MAX_ACCEPT_MS;
  await nextTurn();
  for (let isQuiet = false; !isQuiet && performance.now() < endsAtMs; ) {
    const [before, startedAtMs] = [count, performance.now()];
    await nextTurn();
    isQuiet = count === before && performance.now() - startedAtMs < MAX_TURN_MS;
  }
  server.off('connection', increment);
}
