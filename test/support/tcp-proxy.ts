/** A TCP proxy in front of a database, which fails as networks do. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { AtEnd } from './at-end.ts';

/**
 * Answers take this long, so that all that a client sends at once has arrived before the first answer. It
 * then counts as one round trip.
 */
const ANSWER_DELAY_MS = 5;

export interface TcpProxy {
  /** The database's URL, through this proxy. */
  readonly url: string;
  /** How often clients have sent something and waited for an answer. */
  roundTrips: number;
  /** How many connections clients have made. */
  connections: number;
  /**
   * Cuts the next connection whose client sends a text, such as `COMMIT\0`, PostgreSQL's message.
   *
   * @param isForwarded whether the server still gets that text
   */
  cutAfter(text: string, isForwarded?: boolean): void;
  /** Loses all connections at once. New ones can be made. */
  cut(): void;
  /** From now on, nothing that is sent arrives, as behind a firewall that drops packets. */
  blackHole(): void;
  /** Forwards again. What was lost in between stays lost, so those connections are dead. */
  restore(): void;
}

/** @param atEnd registers its end, by default with the running test */
export async function tcpProxy(target: string, atEnd: AtEnd = onTestFinished): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let cutText: string | null = null;
  let isCutForwarded = true;
  let isBlackHole = false;
  const server = createServer((client) => {
    proxy.connections += 1;
    const upstream = connect(Number(port), hostname);
    let isAnswered = true;
    // Once something is lost, what follows would be out of place.
    let isDead = false;
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('end', async () => {
        if (socket === upstream) await delay(ANSWER_DELAY_MS); // Behind the last answer.
        other.end();
      });
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (data) => {
      isDead ||= isBlackHole;
      if (isDead) return;
      if (isAnswered) proxy.roundTrips += 1;
      isAnswered = false;
      const isCut = cutText !== null && data.includes(cutText);
      if (!isCut || isCutForwarded) upstream.write(data);
      if (!isCut) return;
      cutText = null;
      // Not destroyed: the server reads everything before it learns that its client is gone.
      upstream.end();
      client.destroy();
    });
    upstream.on('data', async (data) => {
      await delay(ANSWER_DELAY_MS);
      isDead ||= isBlackHole;
      if (isDead) return;
      isAnswered = true;
      client.write(data);
    });
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  await once(server.listen(0, '127.0.0.1'), 'listening');
  atEnd(async () => {
    cut();
    await once(server.close(), 'close');
  });
  const url = new URL(target);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxy: TcpProxy = {
    url: url.href,
    roundTrips: 0,
    connections: 0,
    cutAfter(text, isForwarded = true) {
      cutText = text;
      isCutForwarded = isForwarded;
    },
    cut,
    blackHole() {
      isBlackHole = true;
    },
    restore() {
      isBlackHole = false;
    },
  };
  return proxy;
}
