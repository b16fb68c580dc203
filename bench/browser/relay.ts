/**
 * A TCP relay that simulates a network: bytes arrive 50 ms later in each direction, and the first request of
 * a connection waits for another round trip, because on one machine the handshake takes no time.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { stopAfterComparison } from '../cleanup.ts';

const ONE_WAY_MS = 50;
export const ROUND_TRIP_MS = 2 * ONE_WAY_MS;

/** @returns its port */
export async function startRelay(targetPort: number): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (browser) => {
    const connectedAtMs = performance.now() + ROUND_TRIP_MS;
    const target = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    for (const socket of [browser, target]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    forward(browser, target, connectedAtMs);
    forward(target, browser, connectedAtMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stopAfterComparison(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** @param connectedAtMs when the handshake ends, in the time of `performance.now()` */
export function forward(from: Duplex, to: Duplex, connectedAtMs: number): void {
  let last = Promise.resolve();
  const later = (act: () => void) => {
    const arrivesAtMs = Math.max(performance.now(), connectedAtMs) + ONE_WAY_MS;
    last = last.then(() => delay(Math.max(0, arrivesAtMs - performance.now()))).then(act);
  };
  from.on('data', (bytes) => later(() => void to.write(bytes)));
  from.on('end', () => later(() => void to.end()));
  from.on('error', () => to.destroy());
}
