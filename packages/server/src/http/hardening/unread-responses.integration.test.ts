import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createWebServer } from '../web-server.ts';
import { CHECK_INTERVAL_MS } from './unread-responses.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
/** As files are sent. Together more than the buffers of both ends' operating systems take. */
const CHUNKS = Array.from({ length: 512 }, () => Buffer.alloc(65_536));
const RESPONSE_BYTES = CHUNKS.length * 65_536;
/** A socket takes more only once a third of its buffer, here of some 4 MiB, is free. */
const PAUSE_BYTES = 4 * 2 ** 20;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});

async function serve() {
  const app = await createWebServer({ logLevel: 'silent', tls: null });
  app.get('/', async () => Readable.from(CHUNKS));
  await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  /** Asks for the response and reads nothing. @returns both ends of the connection */
  return async () => {
    const client = connect(port, '127.0.0.1').pause();
    client.on('error', () => {});
    onTestFinished(() => void client.destroy());
    const [serverSide] = (await once(app.server, 'connection')) as [Socket];
    client.write(REQUEST);
    await expect.poll(() => serverSide.writableLength).toBeGreaterThan(0);
    return { client, serverSide };
  };
}

test.each([
  ['nothing', ''],
  ['empty lines', '\r\n'],
  ['more requests', REQUEST],
  ['bytes that aren’t a request', ' '],
])('a client that sends %s and doesn’t read is disconnected [T-FLOOD-06]', async (_what, bytes) => {
  const { client, serverSide } = await (await serve())();
  const send = async () => {
    const { bytesRead } = serverSide;
    client.write(bytes);
    // The server stops reading while more requests wait.
    if (bytes !== '' && bytes !== REQUEST) {
      await expect.poll(() => serverSide.bytesRead).toBeGreaterThan(bytesRead);
    }
  };
  await send();
  vi.advanceTimersByTime(CHECK_INTERVAL_MS);
  await send();
  expect(serverSide.destroyed).toBe(false);
  vi.advanceTimersByTime(CHECK_INTERVAL_MS);
  expect(serverSide.destroyed).toBe(true);
});

test('a client that reads slowly gets the whole response', async () => {
  const { client, serverSide } = await (await serve())();
  let received = 0;
  for await (const { length } of client) {
    const isPause = received % PAUSE_BYTES > (received + length) % PAUSE_BYTES;
    received += length;
    if (received > RESPONSE_BYTES) break; // With the headers.
    if (isPause && serverSide.writableLength > 0) vi.advanceTimersByTime(CHECK_INTERVAL_MS);
  }
  expect(received).toBeGreaterThan(RESPONSE_BYTES);
});
