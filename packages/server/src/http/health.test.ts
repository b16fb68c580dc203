import { describe, expect, it, onTestFinished } from 'vitest';
import { health } from './health.ts';
import { createWebServer } from './web-server.ts';

async function serve(isReady: () => Promise<boolean>) {
  const app = await createWebServer({ logLevel: 'silent', tls: null });
  onTestFinished(() => app.close());
  await app.register(health, { isReady });
  return app;
}

describe('the health of a process', () => {
  it('is alive at /livez while it runs, even if it cannot serve', async () => {
    expect((await (await serve(async () => false)).inject('/livez')).statusCode).toBe(200);
  });

  it('is ready at /readyz only while it can serve, checked on every request', async () => {
    let isReady = false;
    const app = await serve(async () => isReady);
    const refused = await app.inject('/readyz');
    expect([refused.statusCode, refused.json().code]).toEqual([503, 'unavailable']);
    isReady = true;
    expect((await app.inject('/readyz')).statusCode).toBe(200);
  });

  it('is reported to HEAD as to GET, without a body', async () => {
    const app = await serve(async () => false);
    const ask = (url: string) => app.inject({ method: 'HEAD', url });
    expect(await ask('/livez')).toMatchObject({ statusCode: 200, body: '' });
    expect(await ask('/readyz')).toMatchObject({ statusCode: 503, body: '' });
    expect((await app.inject({ method: 'OPTIONS', url: '/readyz' })).headers['allow']).toBe('GET, HEAD');
  });
});
