import { expect, onTestFinished, test } from 'vitest';
import { createWebServer } from './web-server.ts';

test('a client has ten seconds to send its request, and then it is over', () => {
  const app = createWebServer({ logLevel: 'silent', tls: null });
  onTestFinished(() => app.close());
  expect(app.server.requestTimeout).toBe(10_000);
});
