import { Agent, get, type RequestOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
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
      const request = get({ port, host: '127.0.0.1', ...options }, (answer) => {
        answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
      });
      request.once('error', () => resolve(0));
    });
  expect(await Promise.all([ask({ agent }), ask({ agent })])).toEqual([200, 200]);
  expect(await ask({ agent: false })).toBe(0);
  await expect.poll(() => ask({ agent: false })).toBe(200);
});
