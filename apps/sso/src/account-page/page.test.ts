import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { API_CSP, createWebServer, securityHeaders } from '@samesite-sso/server';
import { expect, onTestFinished, test } from 'vitest';
import { SSO, temporaryFolder } from '../../../../test/support/sso/test-service.ts';
import { servePage } from './page.ts';

/** A server with a one-line page and a route that isn't a page. */
async function pageServer(built: string) {
  const app = await createWebServer({ logLevel: 'silent', tls: null });
  onTestFinished(() => app.close());
  await app.register(securityHeaders, { origin: SSO, csp: API_CSP });
  app.post('/', async () => ({}));
  await app.register((scope) => servePage(scope, { folder: built }));
  return app;
}

function builtPage(): string {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'account/assets'), { recursive: true });
  writeFileSync(path.join(folder, 'index.html'), '<p>the page</p>');
  writeFileSync(path.join(folder, 'account/assets/index-1a2b.js'), 'page()');
  return folder;
}

test('the account page may load its own files and contact its own origin, and nothing else', async () => {
  const app = await pageServer(builtPage());
  const answer = await app.inject('/');
  expect(answer.body).toBe('<p>the page</p>');
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(String(answer.headers['content-security-policy']).split(';').sort()).toEqual([
    "base-uri 'none'",
    "connect-src 'self'",
    "default-src 'none'",
    "font-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "img-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
  ]);
  expect(answer.headers).toMatchObject({ 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' });
});

test('a response that isn’t a page keeps the content security policy of an API', async () => {
  const app = await pageServer(builtPage());
  const { headers } = await app.inject({ method: 'POST', url: '/' });
  expect(headers['content-security-policy']).toBe(
    "default-src 'none';base-uri 'none';frame-ancestors 'none'",
  );
});

test('caches never store the page’s document and keep its assets forever', async () => {
  const app = await pageServer(builtPage());
  expect((await app.inject('/')).headers['cache-control']).toBe('no-store');
  const asset = await app.inject('/account/assets/index-1a2b.js');
  expect(asset.body).toBe('page()');
  expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
});

test.each([
  '/account/assets/',
  '/account/assets/nothing.js',
  '/account/assets/../../index.html',
  '/account/',
])('nothing else of the page’s folder is served: %s', async (url) => {
  const answer = await (await pageServer(builtPage())).inject(url);
  expect(answer.statusCode).toBe(404);
  expect(answer.json()).toMatchObject({ code: 'not-found' });
});

test('without a built page, the service runs without it', async () => {
  const app = await pageServer(temporaryFolder());
  expect((await app.inject('/')).statusCode).toBe(404);
  expect((await app.inject({ method: 'POST', url: '/' })).statusCode).toBe(200);
});
