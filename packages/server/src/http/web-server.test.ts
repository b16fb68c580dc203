import { expect, onTestFinished, test } from 'vitest';
import { createWebServer } from './web-server.ts';

async function serve(trustedProxies?: readonly string[]) {
  const app = await createWebServer({
    logLevel: 'silent',
    tls: null,
    ...(trustedProxies && { trustedProxies }),
  });
  onTestFinished(() => app.close());
  app.get('/', async ({ ip }) => ({ ip }));
  return app;
}

test('a client has ten seconds to send its request, five of them for the headers, and then it is over', async () => {
  const { server } = await serve();
  expect([server.requestTimeout, server.headersTimeout]).toEqual([10_000, 5000]);
});

test('connections are bounded in number, and each in how long it may stand still', async () => {
  const { server } = await serve();
  expect([server.maxConnections, server.timeout]).toEqual([10_000, 20_000]);
});

test('a connection is kept for longer than a proxy keeps it, so that no request meets its end', async () => {
  expect((await serve()).server.keepAliveTimeout).toBeGreaterThan(60_000);
});

test('no header is left out in silence, however many there are', async () => {
  expect((await serve()).server.maxHeadersCount).toBe(0);
});

test('the client is whom a trusted proxy names, and nobody else’s word counts', async () => {
  const headers = { 'x-forwarded-for': '192.0.2.1' };
  const ipOf = async (app = serve()) => (await (await app).inject({ url: '/', headers })).json().ip;
  expect(await ipOf()).toBe('127.0.0.1');
  expect(await ipOf(serve(['127.0.0.1']))).toBe('192.0.2.1');
});
