/** Ports for servers and browsers, while a demo runs and other workers start theirs. */
import { randomInt } from 'node:crypto';
import type { Ports } from './site-settings.ts';
import { takenPorts } from './taken-ports.ts';

/** Below what systems hand out for outgoing connections, and none that browsers block. */
const FIRST = 20_000;
const LAST = 30_000;

export async function freePort(): Promise<number> {
  return (await freePorts()).sso;
}

export async function freePorts(): Promise<Ports> {
  for (;;) {
    const sso = randomInt(FIRST, LAST);
    const ports = { sso, foo: sso + 1, lorem: sso + 2 };
    if ((await takenPorts(Object.values(ports))).length === 0) return ports;
  }
}
