import { describe, expect, it, onTestFinished } from 'vitest';
import { createWebServer } from '../web-server.ts';
import { API_CSP, routeCsp, securityHeaders } from './security-headers.ts';

async function headersOf(origin: string, url = '/', content = API_CSP) {
  const app = await createWebServer({ logLevel: 'silent', tls: null });
  onTestFinished(() => app.close());
  await app.register(securityHeaders, { origin, csp: content });
  app.get('/', async () => ({}));
  app.get('/broken', async () => {
    throw new Error('out of order');
  });
  return (await app.inject(url)).headers;
}

describe('the security headers', () => {
  it.each(['/', '/broken', '/nowhere'])('are set on every response: %s', async (url) => {
    const headers = await headersOf('https://sso.example.com', url);
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none';base-uri 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'x-permitted-cross-domain-policies': 'none',
    });
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['x-xss-protection']).toBeUndefined();
  });

  it('include Strict-Transport-Security on a public https origin', async () => {
    const { 'strict-transport-security': hsts } = await headersOf('https://sso.example.com');
    expect(hsts).toBe('max-age=31536000; includeSubDomains');
  });

  it.each([
    'https://sso.example.localhost:4000',
    'https://localhost:4000',
    'https://127.0.0.1:4000',
    'https://[::1]:4000',
    'http://sso.example.localhost:4000',
  ])('omit Strict-Transport-Security on %s', async (origin) => {
    expect((await headersOf(origin))['strict-transport-security']).toBeUndefined();
  });

  it('stay the same when a route has a Content-Security-Policy of its own', async () => {
    const app = await createWebServer({ logLevel: 'silent', tls: null });
    onTestFinished(() => app.close());
    await app.register(securityHeaders, { origin: 'https://sso.example.com', csp: API_CSP });
    app.get('/', async () => ({}));
    app.get('/page', routeCsp({ 'default-src': ["'self'"] }), async () => ({}));
    const policyOf = async (url: string) => {
      const { 'content-security-policy': policy, date: _date, ...others } = (await app.inject(url)).headers;
      return { policy, others };
    };
    const data = await policyOf('/');
    expect(await policyOf('/page')).toEqual({ ...data, policy: "default-src 'self'" });
    expect(await policyOf('/')).toEqual(data);
  });

  it('contain exactly the Content-Security-Policy that the app asks for', async () => {
    const content = { 'default-src': ["'none'"], 'connect-src': ["'self'", 'https://sso.example.com'] };
    const headers = await headersOf('https://foo.example.com', '/', content);
    expect(headers['content-security-policy']).toBe(
      "default-src 'none';connect-src 'self' https://sso.example.com",
    );
  });
});
