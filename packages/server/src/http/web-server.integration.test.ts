import { once } from 'node:events';
import { Agent, get, type RequestOptions } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createWebServer } from './web-server.ts';

test('at the maximum number of connections, idle ones are closed for new ones [T-FLOOD-01]', async () => {
  const app = await createWebServer({ logLevel: 'silent', tls: null });
  onTestFinished(() => app.close());
  app.get('/', async () => ({}));
  await app.listen({ port: 0, host: '127.0.0.1' });
  app.server.maxConnections = 2;
  const { port } = app.server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const ask = (options: RequestOptions) =>
    new Promise<number>((resolve) => {
      const request = get({ port, host: '127.0.0.1', ...options }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      });
      request.once('error', () => resolve(0));
    });
  expect(await Promise.all([ask({ agent }), ask({ agent })])).toEqual([200, 200]);
  expect(await ask({ agent: false })).toBe(0);
  await expect.poll(() => ask({ agent: false })).toBe(200);
});

test.each(['Content-Length: 5000000', 'Transfer-Encoding: chunked'])(
  'a client that sends megabytes before it reads gets 413 and no reset connection: %s [T-FLOOD-07]',
  async (framing) => {
    const app = await createWebServer({ logLevel: 'silent', tls: null });
    onTestFinished(() => app.close());
    app.post('/', async () => ({}));
    await app.listen({ port: 0, host: '127.0.0.1' });
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    const body = 'x'.repeat(5_000_000);
    const isChunked = framing.startsWith('Transfer');
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${framing}\r\n\r\n`);
    await new Promise((resolve) => {
      socket.pause();
      socket.write(isChunked ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body, resolve);
    });
    const received = once(socket, 'data'); // Rejects if the connection is reset.
    socket.resume();
    const [response] = await received;
    expect(String(response)).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
  },
);
