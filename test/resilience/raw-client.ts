/** A client on a raw socket, for requests of any bytes at any pace. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';

export type RawClient = Awaited<ReturnType<typeof rawClient>>;

/** @param address `http://host:port` */
export async function rawClient(address: string) {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname).setEncoding('latin1');
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.on('data', (text) => {
    received += text;
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  const started = performance.now();
  socket.on('error', () => {}); // Tests check the received bytes, however the connection ended.
  return {
    socket,
    /** The bytes received so far. */
    received: () => received,
    /** Fulfilled when the connection is closed, with its lifetime in milliseconds. */
    closed: closed.then(() => performance.now() - started),
  };
}

/** @throws {Error} where the system's limit of open files is too low */
export async function rawClients(address: string, count: number): Promise<RawClient[]> {
  try {
    // In batches: a listening socket's queue of connections is short.
    const clients: RawClient[] = [];
    while (clients.length < count) {
      const batch = Math.min(100, count - clients.length);
      clients.push(...(await Promise.all(Array.from({ length: batch }, () => rawClient(address)))));
    }
    return clients;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EMFILE') throw error;
    throw new Error(`${count} connections need a higher limit of open files: ulimit -n 8192`);
  }
}

export interface RawRequest {
  path?: string;
  cookie?: string | undefined;
  origin?: string;
  body?: object;
}

/** The bytes of a request as a page sends it. */
export function bytesOf({ path = '/', cookie, origin, body }: RawRequest): string {
  const content = body === undefined ? '' : JSON.stringify(body);
  return [
    `${body === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1`,
    'Host: a',
    ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    ...(cookie === undefined ? [] : [`Cookie: ${cookie}`]),
    ...(body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${content.length}`]),
    '',
    content,
  ].join('\r\n');
}

/** The statuses and JSON bodies of all complete responses in the received bytes, in order. */
export function answersIn(received: string): { status: number; body: Record<string, unknown> }[] {
  const answers = [];
  let rest = received;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    const head = rest.slice(0, end);
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    const body = rest.slice(end + 4, end + 4 + length);
    if (end < 0 || body.length < length) break; // Incomplete.
    answers.push({ status: Number(head.split(' ', 2)[1]), body: length === 0 ? {} : JSON.parse(body) });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}
