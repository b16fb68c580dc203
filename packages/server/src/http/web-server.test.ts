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

test('a client has 10 s to send its request and 5 s for its headers', async () => {
  const { server } = await serve();
  expect([server.requestTimeout, server.headersTimeout]).toEqual([10_000, 5000]);
});

test('a path may contain a parameter as long as the longest id of a passkey', async () => {
  const app = await serve();
  app.get<{ Params: { id: string } }>('/passkeys/:id', async ({ params }) => params);
  const id = 'x'.repeat(1364);
  expect((await app.inject({ url: `/passkeys/${id}` })).json()).toEqual({ id });
  expect((await app.inject({ url: `/passkeys/${id}x` })).statusCode).toBe(400);
});

test('the number of connections is bounded', async () => {
  expect((await serve()).server.maxConnections).toBe(10_000);
});

test('the server keeps an idle connection longer than a proxy does', async () => {
  expect((await serve()).server.keepAliveTimeout).toBeGreaterThan(60_000);
});

test('no header of a request is dropped, however many there are [T-FLOOD-07]', async () => {
  expect((await serve()).server.maxHeadersCount).toBe(0);
});

test('the client address comes from X-Forwarded-For only if a trusted proxy sends it', async () => {
  const headers = { 'x-forwarded-for': '192.0.2.1' };
  const ipOf = async (app = serve()) => (await (await app).inject({ url: '/', headers })).json().ip;
  expect(await ipOf()).toBe('127.0.0.1');
  expect(await ipOf(serve(['127.0.0.1']))).toBe('192.0.2.1');
});
