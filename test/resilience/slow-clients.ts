/** Connections that a process meets in real life, and must not wait for when it ends, or not for long. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Party } from './person.ts';

const JSON_POST =
  'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n';

/** Opens one of each kind, and resolves once the server has them. */
export async function unpleasantClients(server: Party): Promise<void> {
  // Connected and silent, as browsers do beforehand.
  await connectTo(server);
  // Halfway through its headers, and through its body.
  (await connectTo(server)).write('POST / HTTP/1.1\r\nHost: x\r\nContent-Le');
  const half = await connectTo(server);
  half.write(`${JSON_POST}{"request":`);
  // Sends a byte now and then, and never comes to an end.
  const slow = await connectTo(server);
  slow.write(JSON_POST);
  const drip = setInterval(() => slow.write(' '), 300);
  slow.once('close', () => clearInterval(drip));
  // Answered, and kept alive.
  const idle = await connectTo(server);
  idle.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(idle, 'data'); // What was sent before has arrived, too.
}

async function connectTo({ address }: Party): Promise<Socket> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {}); // Cut off, as is right.
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}
