import { expect, test } from 'vitest';
import type { Target } from '../cors/experiment-request.ts';
import { escapeHtml } from './documents.ts';
import { ORIGIN, ORIGINS, send, testConfig, testLab } from './lab.fixture.ts';
import { fillSettings } from './page.ts';

test('the page’s policy allows only its own files and requests to the two targets', async () => {
  const lab = await testLab();
  const { headers, body } = await send(lab, 'same-origin', { url: '/' });
  expect(body).toBe('the page');
  expect(String(headers['content-security-policy']).split(';').sort()).toEqual([
    "base-uri 'none'",
    `connect-src 'self' ${ORIGINS['same-site']} ${ORIGINS['cross-site']}`,
    "default-src 'none'",
    "font-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "img-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
  ]);
});

test.each([
  ['same-origin', '/'],
  ['same-origin', '/nothing'],
  ['same-origin', '/runs/AAAAAAAAAAAAAAAA'],
  ['same-origin', '/livez'],
  ['same-site', '/status'],
  ['same-site', '/public'],
  ['same-site', '/jsonp?callback=name'],
  ['cross-site', '/jsonp-reader'],
  ['cross-site', '/documents.css'],
  ['cross-site', '/cookies'],
] as const)('every response but a target’s has the security headers: %s %s', async (target, url) => {
  const { headers } = await send(await testLab(), target, { url });
  expect(headers).toMatchObject({
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
  });
});

const EVERYWHERE = ['same-origin', 'same-site', 'cross-site'];

test.each<[string, readonly string[]]>([
  ['/', ['same-origin']],
  ['/exchanges', ['same-origin']],
  ['/runs/AAAAAAAAAAAAAAAA', ['same-origin']],
  ['/alternatives/proxy', ['same-origin']],
  ['/cookies', EVERYWHERE],
  ['/documents.css', EVERYWHERE],
  ['/jsonp-reader.js', EVERYWHERE],
  ['/status', ['same-site', 'cross-site']],
  ['/public', ['same-site', 'cross-site']],
  ['/jsonp?callback=name', ['same-site']],
  ['/jsonp-reader', ['same-origin', 'cross-site']],
])('%s is on these hosts only: %j', async (url, hosts) => {
  const lab = await testLab();
  // With this header, the stream and the runs respond 403 instead of a stream and of 404.
  const headers = { 'sec-fetch-site': 'cross-site' };
  const answering = [];
  for (const target of Object.keys(ORIGINS) as Target[]) {
    const { statusCode } = await send(lab, target, { url, headers });
    if (statusCode !== 404) answering.push(target);
  }
  expect(answering).toEqual(hosts);
});

test.each([
  'attacker.example',
  'lab.example.localhost',
  'lab.example.localhost:80',
  'lab.example.localhost:4010.attacker.example',
  'LAB.example.localhost:4010',
  'target.example.localhost:4010, lab.example.localhost:4010',
  '127.0.0.1:4010',
])('the lab serves nothing but reports and health checks under the name %j [T-LAB-02]', async (host) => {
  const lab = await testLab();
  const urls = [
    '/',
    '/exchanges',
    '/runs/AAAAAAAAAAAAAAAA',
    '/cookies',
    '/target/AAAAAAAAAAAAAAAA',
    '/status',
  ];
  for (const url of urls) {
    const { statusCode } = await lab.inject({ url, headers: { host } });
    expect([url, statusCode]).toEqual([url, 403]);
  }
  for (const url of ['/livez', '/readyz'])
    expect((await lab.inject({ url, headers: { host } })).statusCode).toBe(200);
});

test('the lab responds to an unknown path and to another method with a problem', async () => {
  const lab = await testLab();
  const unknown = await send(lab, 'same-origin', { url: '/nothing' });
  expect(unknown.json()).toMatchObject({ status: 404, code: 'not-found' });
  const other = await send(lab, 'same-origin', { method: 'DELETE', url: '/exchanges' });
  expect(other.json()).toMatchObject({ status: 405, code: 'method-not-allowed' });
});

test('only the targets, the status and the public API have CORS headers [T-LAB-02]', async () => {
  const lab = await testLab();
  const headers = { origin: ORIGIN };
  for (const url of [
    '/',
    '/cookies',
    '/exchanges',
    '/runs/x',
    '/reports',
    '/livez',
    '/documents.css',
    '/nothing',
  ]) {
    for (const method of ['GET', 'OPTIONS'] as const) {
      const answer = await send(lab, 'same-origin', {
        url,
        method,
        headers: { ...headers, 'sec-fetch-site': 'cross-site', 'access-control-request-method': 'GET' },
      });
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  }
});

test('the page’s settings are escaped in the document', () => {
  const hostile = `"><script>alert('$&')</script>`;
  const html = fillSettings('<meta name="lab" content="%LAB%">', testConfig({ fooOrigin: hostile }));
  expect(html).not.toContain('<script>');
  const content = /content="([^"]*)"/.exec(html)?.[1] ?? '';
  const decoded = content.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
  expect(JSON.parse(decoded)).toEqual({
    sameSiteOrigin: ORIGINS['same-site'],
    crossSiteOrigin: ORIGINS['cross-site'],
    fooOrigin: hostile,
    loremOrigin: 'http://lorem.app.example.localhost:4002',
    ssoOrigin: 'http://sso.example.localhost:4000',
  });
});

test('HTML escapes leave no character with a meaning in text or in an attribute', () => {
  expect(escapeHtml(`<a b='"'>&`)).toBe('&#60;a b=&#39;&#34;&#39;&#62;&#38;');
});
