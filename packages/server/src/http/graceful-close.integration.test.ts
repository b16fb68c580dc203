import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { health } from './health.ts';
import { createWebServer } from './web-server.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

async function startServer(respond: () => unknown = () => ({})) {
  const app = await createWebServer({ logLevel: 'silent', tls: null });
  await app.register(health, { isReady: async () => true });
  app.get('/', async () => await respond());
  await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => app.close());
  return { app, port: (app.server.address() as AddressInfo).port };
}

/** Sends one request on a connection that the client keeps open. @returns all that the server sends */
async function send(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(REQUEST);
  return await text(socket).catch(() => 'reset');
}

test('a closing server waits for the request in progress, not for its kept-alive connection', async () => {
  const arrived = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<object>();
  const { app, port } = await startServer(() => {
    arrived.resolve();
    return finished.promise;
  });
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const status = new Promise((resolve) => {
    get({ port, agent }, (response) => resolve(response.resume().statusCode));
  });
  await arrived.promise;
  const closed = app.close();
  await expect.poll(() => app.server.listening).toBe(false);
  finished.resolve({});
  expect(await status).toBe(200);
  await closed;
});

test('a closing server responds to a request on a connection that was made before', async () => {
  const { app, port } = await startServer();
  const socket = connect(port, '127.0.0.1');
  await once(app.server, 'connection');
  const closed = app.close();
  await expect.poll(() => app.server.listening).toBe(false);
  socket.write(REQUEST);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 .*connection: close/is);
  await closed;
});

test('a closing server responds to requests on connections that it has not accepted yet', async () => {
  const { app, port } = await startServer();
  const responses = Array.from({ length: 30 }, () => send(port));
  // By now the system has accepted some of them, and the server has accepted the first.
  await once(app.server, 'connection');
  const closed = app.close();
  for (const response of await Promise.all(responses)) expect(response).toMatch(/^HTTP\/1\.1 200 /);
  await closed;
});

test('a draining server is not ready, serves while requests arrive, and closes connections', async () => {
  const { app, port } = await startServer();
  const drained = app.drain().then(() => 'drained');
  const statusOf = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  expect([await statusOf('/readyz'), await statusOf('/livez')]).toEqual([503, 200]);
  for (const endsAtMs = performance.now() + 600; performance.now() < endsAtMs; ) {
    expect(await send(port)).toMatch(/^HTTP\/1\.1 200 .*connection: close/is);
  }
  expect(await Promise.race([drained, 'draining'])).toBe('draining');
  // Requests for its health don't count.
  const asking = setInterval(() => void statusOf('/readyz'), 50);
  onTestFinished(() => clearInterval(asking));
  expect(await Promise.race([drained, delay(1500, 'draining')])).toBe('drained');
});
