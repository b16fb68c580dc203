import { expect, test } from 'vitest';
import type { Target } from '../cors/experiment-request.ts';
import { ORIGINS, send, testLab } from './lab.fixture.ts';
import { findCookies } from './target-cookies.ts';

test.each(Object.keys(ORIGINS) as Target[])(
  'the %s host sets three cookies of its own [T-LAB-04]',
  async (target) => {
    const { statusCode, headers } = await send(await testLab(), target, { url: '/cookies' });
    expect(statusCode).toBe(204);
    expect(headers['set-cookie']).toEqual([
      `lab-strict=${target}; Path=/; HttpOnly; Secure; SameSite=Strict`,
      `lab-lax=${target}; Path=/; HttpOnly; Secure; SameSite=Lax`,
      `lab-none=${target}; Path=/; HttpOnly; Secure; SameSite=None`,
    ]);
    expect(headers['cross-origin-resource-policy']).toBe('cross-origin');
  },
);

test('a visitor who opens /cookies gets a document that says that the cookies are set', async () => {
  const headers = { 'sec-fetch-mode': 'navigate' };
  const answer = await send(await testLab(), 'cross-site', { url: '/cookies', headers });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(answer.headers['set-cookie']).toHaveLength(3);
  expect(answer.body).toMatch(/<html lang="en">.*<title>The cookies are set<\/title>.*Close this tab/s);
  expect(answer.headers['content-security-policy']).not.toContain('script-src');
});

test.each<[string | undefined, string[]]>([
  [undefined, []],
  ['lab-none=same-site', ['none']],
  ['lab-none=same-site; a=b; lab-strict=same-site;lab-lax=same-site', ['strict', 'lax', 'none']],
  ['lab-none=cross-site; lab-lax=same-origin', []],
  ['lab-none=same-site2; a-lab-lax=same-site; lab-strict', []],
  ['lab-none=same-site; lab-none=same-site', ['none']],
])('of the Cookie header %j, the same-site target sees %j', (cookie, expected) => {
  expect(findCookies({ headers: { cookie } }, 'same-site')).toEqual(expected);
});
