/** Loopback ports: which are taken, and free ones for tests beside a running demo. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Ports } from './site-settings.ts';

/** Below the ephemeral ports, and without ports that browsers block. */
const MIN_PORT = 20_000;
const MAX_PORT = 30_000;

export async function freePort(): Promise<number> {
  return (await freePorts()).sso;
}

export async function freePorts(): Promise<Ports> {
  for (;;) {
    const sso = randomInt(MIN_PORT, MAX_PORT);
    const ports = { sso, foo: sso + 1, lorem: sso + 2, lab: sso + 3 };
    if ((await takenPorts(Object.values(ports))).length === 0) return ports;
  }
}

export async function takenPorts(ports: readonly number[]): Promise<number[]> {
  const taken: number[] = [];
  for (const port of ports) {
    // Browsers try ::1 first for names under .localhost.
    if ((await isTaken(port, '127.0.0.1')) || (await isTaken(port, '::1'))) taken.push(port);
  }
  return taken;
}

async function isTaken(port: number, host: string): Promise<boolean> {
  const server = createServer().listen({ port, host, exclusive: true });
  try {
    await once(server, 'listening');
  } catch (error) {
    // Another error means that this machine has no such address.
    return (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  }
  await once(server.close(), 'close');
  return false;
}
