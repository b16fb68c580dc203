/** Finds out which ports of loopback somebody listens on, before anything is started there. */
import { once } from 'node:events';
import { createServer } from 'node:net';

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
    return (error as NodeJS.ErrnoException).code === 'EADDRINUSE'; // else there is no such address here
  }
  server.close();
  await once(server, 'close');
  return false;
}
