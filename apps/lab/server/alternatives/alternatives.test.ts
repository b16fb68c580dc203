import { describe, expect, test } from 'vitest';
import { ORIGIN, ORIGINS, send, testLab } from '../lab.fixture.ts';

describe('the status', () => {
  test.each([
    ['same-site', undefined, { status: 'unknown', cookies: [] }],
    [
      'same-site',
      'lab-strict=same-site; lab-none=same-site',
      { status: 'known', cookies: ['strict', 'none'] },
    ],
    ['same-site', 'lab-strict=same-origin', { status: 'unknown', cookies: [] }],
    ['cross-site', 'lab-none=cross-site', { status: 'known', cookies: ['none'] }],
  ] as const)('of the %s target with the cookies %j is %j', async (target, cookie, expected) => {
    const answer = await send(await testLab(), target, { url: '/status', headers: { cookie } });
    expect(answer.json()).toEqual(expected);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('is readable with credentials for the page alone', async () => {
    const lab = await testLab();
    const corsHeadersOf = async (origin?: string) => {
      const { headers } = await send(lab, 'same-site', { url: '/status', headers: { origin } });
      return [
        headers['access-control-allow-origin'],
        headers['access-control-allow-credentials'],
        headers['vary'],
      ];
    };
    expect(await corsHeadersOf(ORIGIN)).toEqual([ORIGIN, 'true', 'Origin']);
    for (const origin of [
      undefined,
      'null',
      `${ORIGIN}0`,
      ORIGINS['cross-site'],
      'http://lab.example.localhost',
    ])
      expect(await corsHeadersOf(origin)).toEqual([undefined, undefined, 'Origin']);
  });
});

test('the public API is for every origin, and without credentials', async () => {
  const headers = { origin: 'https://anyone.example' };
  const answer = await send(await testLab(), 'cross-site', { url: '/public', headers });
  expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*' });
  expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  expect(new Date(answer.json().time).toISOString()).toBe(answer.json().time);
});

describe('JSONP', () => {
  test('calls the function with the cookies that came, and counts its readers', async () => {
    const lab = await testLab();
    const headers = { cookie: 'lab-none=same-site' };
    const read = (callback: string) =>
      send(lab, 'same-site', { url: `/jsonp?callback=${callback}`, headers });
    const [first, second] = [await read('show'), await read('$_9')];
    expect(first.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(first.headers['cross-origin-resource-policy']).toBe('cross-origin');
    const received: unknown[] = [];
    new Function('show', first.body)((answer: unknown) => received.push(answer));
    new Function('$_9', second.body)((answer: unknown) => received.push(answer));
    const intranet = expect.stringContaining('its own network');
    expect(received).toEqual([
      { cookies: ['none'], reads: 1, intranet },
      { cookies: ['none'], reads: 2, intranet },
    ]);
  });

  test.each([
    '',
    '?callback=',
    '?callback=a.b',
    '?callback=a%5B0%5D',
    '?callback=alert(1)//',
    '?callback=a;b',
    '?callback=1a',
    '?callback=%C3%A9',
    '?callback=a%0Ab',
    '?callback=a%0A',
    `?callback=${'a'.repeat(41)}`,
    '?callback=a&callback=b',
    '?callback=a&other=1',
    '?__proto__=a',
    '?callback[a]=b',
  ])('refuses the query %j', async (query) => {
    const answer = await send(await testLab(), 'same-site', { url: `/jsonp${query}` });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  test.each([
    ['same-origin', 'another origin of the same site'],
    ['cross-site', 'another site'],
  ] as const)('is read by a document on the %s host, without an inline script', async (target, relation) => {
    const lab = await testLab();
    const { body, headers } = await send(lab, target, { url: '/jsonp-reader' });
    expect(body).toContain(`which belongs to ${relation}`);
    expect(body).toMatch(/<html lang="en">.*<title>[^<]+<\/title>/s);
    const scripts = [...body.matchAll(/<script src="([^"]+)"><\/script>/g)].map(([, src]) => src);
    expect(scripts).toEqual(['/jsonp-reader.js', `${ORIGINS['same-site']}/jsonp?callback=showAnswer`]);
    expect(body.match(/<script/g)).toHaveLength(scripts.length);
    expect(headers['content-security-policy']).toBe(
      `default-src 'none';style-src 'self';img-src 'self';script-src 'self' ${ORIGINS['same-site']};` +
        "base-uri 'none';form-action 'none';frame-ancestors 'none'",
    );
    const script = await send(lab, target, { url: '/jsonp-reader.js' });
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(script.body).toContain('function showAnswer');
  });
});

test('the proxy is unavailable while the server doesn’t listen', async () => {
  const answer = await send(await testLab(), 'same-origin', { url: '/alternatives/proxy' });
  expect(answer.statusCode).toBe(503);
});

test.each(['same-site', 'cross-site', 'none'])(
  'the proxy refuses Sec-Fetch-Site: %s [T-LAB-02]',
  async (site) => {
    const headers = { 'sec-fetch-site': site };
    const answer = await send(await testLab(), 'same-origin', { url: '/alternatives/proxy', headers });
    expect(answer.statusCode).toBe(403);
  },
);
