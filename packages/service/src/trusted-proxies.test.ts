import { expect, onTestFinished, test } from 'vitest';
import { AddressRanges } from './address-ranges.ts';
import { heedProxies } from './trusted-proxies.ts';
import { createWebServer } from './web-server.ts';

test('not even a trusted proxy says which host was asked for', async () => {
  const trustedProxies = new AddressRanges(['127.0.0.1']);
  const app = createWebServer({ logLevel: 'silent', tls: null, trustedProxies });
  onTestFinished(() => app.close());
  heedProxies(app, { origin: 'http://sso.example.localhost', trustedProxies });
  app.get('/', async ({ host, hostname, port }) => ({ host, hostname, port }));
  const headers = { host: 'sso.example.localhost:4000', 'x-forwarded-host': 'evil.example:666' };
  const answer = await app.inject({ url: '/', headers });
  expect(answer.json()).toEqual({
    host: 'sso.example.localhost:4000',
    hostname: 'sso.example.localhost',
    port: 4000,
  });
});
