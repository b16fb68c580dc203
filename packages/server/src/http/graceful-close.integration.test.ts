import { Agent, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createWebServer } from './web-server.ts';

test('a closing server waits for the request in progress, not for its kept-alive connection', async () => {
  const app = await createWebServer({ logLevel: 'silent', tls: null });
  const arrived = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<object>();
  app.get('/', () => {
    arrived.resolve();
    return finished.promise;
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const status = new Promise((resolve) => {
    const { port } = app.server.address() as AddressInfo;
    get({ port, agent }, (response) => resolve(response.resume().statusCode));
  });
  await arrived.promise;
  const closed = app.close();
  await expect.poll(() => app.server.listening).toBe(false);
  finished.resolve({});
  expect(await status).toBe(200);
  await closed;
});
