/** What a policy or a request could contain to make the server do more than the experiment says. */
import { expect, test } from 'vitest';
import {
  askRuns,
  ORIGIN,
  RIGHT_POLICY,
  report,
  send,
  startRun,
  testExchange,
  testLab,
} from './lab.fixture.ts';

const withPolicy = (changes: object) => ({ policy: { ...RIGHT_POLICY, ...changes } });

test.each<[string, object]>([
  ['a line break in a value', withPolicy({ vary: 'Origin\r\nSet-Cookie: a=b' })],
  ['a line feed in a value', withPolicy({ allowHeaders: 'a\nb' })],
  ['a line break in the allowed origin', withPolicy({ allowOrigin: { rule: 'fixed', value: 'a\r\nb: c' } })],
  ['a null character in a value', withPolicy({ maxAge: '0\u0000' })],
  ['a tab in a value', withPolicy({ maxAge: '\t0' })],
  ['a value that isn’t ASCII', withPolicy({ allowMethods: 'PUT\u010a' })],
  ['a value in ISO 8859-1', withPolicy({ exposeHeaders: 'é' })],
  ['a value of 201 characters', withPolicy({ exposeHeaders: 'x'.repeat(201) })],
  ['a value of 10,000 characters', withPolicy({ exposeHeaders: 'x'.repeat(10_000) })],
  ['a value that is a list', withPolicy({ vary: ['Origin', 'Cookie'] })],
  ['a header with another name', withPolicy({ 'Set-Cookie': 'lab-strict=1' })],
  ['a member that isn’t known', withPolicy({ setCookie: 'a=b' })],
  ['a member with a prototype’s name', withPolicy({ constructor: { prototype: {} } })],
  ['a rule that isn’t known', withPolicy({ allowOrigin: { rule: 'regexp', value: '.*' } })],
  ['a rule with a prototype’s name', withPolicy({ allowOrigin: { rule: 'constructor', value: '' } })],
  [
    'a URL to fetch',
    withPolicy({ preflight: { status: 301, hasPolicy: true, location: 'http://127.0.0.1' } }),
  ],
  ['a status that isn’t in the list', withPolicy({ response: { status: 302, hasPolicy: true } })],
  ['a status in a text', withPolicy({ response: { status: '200', hasPolicy: true } })],
  ['a missing member', { policy: { ...RIGHT_POLICY, vary: undefined } }],
  ['no policy', {}],
  ['a list instead of a policy', { policy: [] }],
])('the lab refuses a policy with %s [T-LAB-04, T-LAB-06]', async (_name, body) => {
  const lab = await testLab();
  const { id } = await startRun(lab);
  for (const [method, path] of [['POST', ''] as const, ['PUT', id] as const]) {
    const { statusCode, body: answer } = await askRuns(lab, method, path, body);
    expect(answer).not.toContain('Set-Cookie');
    expect([400, 413]).toContain(statusCode);
  }
});

test.each([
  ['__proto__', `{"policy":{"__proto__":{"vary":"x"}}}`, 400],
  ['a name twice', `{"policy":{},"policy":${JSON.stringify(RIGHT_POLICY)}}`, 400],
  ['deep nesting', `{"policy":${'['.repeat(2000)}${']'.repeat(2000)}}`, 400],
  ['more than 4 KiB', `{"policy":"${'x'.repeat(4090)}"}`, 413],
])('the lab refuses a body with %s', async (_name, payload, status) => {
  const lab = await testLab();
  const headers = { origin: ORIGIN, 'content-type': 'application/json' };
  const answer = await send(lab, 'same-origin', { method: 'POST', url: '/runs', headers, payload });
  expect(answer.statusCode).toBe(status);
});

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json',
  'application/unknown; a=b',
  'no media type',
  ';;',
  '',
])('a target executes a request with the content type %j', async (type) => {
  const lab = await testLab();
  const { url, record } = await startRun(lab);
  for (const method of ['POST', 'PUT', 'DELETE', 'QUERY'] as const) {
    const headers = { 'content-type': type };
    const options = { method: method as 'POST', url, headers, payload: '{"a":' };
    expect((await send(lab, 'same-site', options)).statusCode).toBe(200);
  }
  const { requests, executions } = await record();
  expect(executions).toBe(4);
  expect(requests[0].fields).toEqual([{ name: 'content-type', value: type }]);
});

test('a target reads a body of 4 KiB, and doesn’t execute a larger one [T-LAB-06]', async () => {
  const lab = await testLab();
  const { url, record } = await startRun(lab);
  const statusOf = async (bytes: number) => {
    const headers = { origin: ORIGIN, 'content-type': 'text/plain' };
    const options = { method: 'POST', url, headers, payload: 'x'.repeat(bytes) } as const;
    return (await send(lab, 'same-site', options)).statusCode;
  };
  expect([await statusOf(4096), await statusOf(4097)]).toEqual([200, 413]);
  expect(await record()).toMatchObject({ executions: 1, requests: [{ method: 'POST' }] });
});

test('a header that is longer than the record’s limit is cut, and the record stays readable', async () => {
  const lab = await testLab();
  const { url, record } = await startRun(lab, { allowOrigin: { rule: 'none' } });
  await send(lab, 'same-site', { url, headers: { origin: 'x'.repeat(5000) } });
  const { requests } = await record();
  expect(requests[0].fields).toEqual([{ name: 'origin', value: 'x'.repeat(2000) }]);
});

test('a long reflected origin doesn’t make the record unreadable', async () => {
  const lab = await testLab();
  const { url, record } = await startRun(lab, { allowOrigin: { rule: 'reflect' } });
  await send(lab, 'same-site', { url, headers: { origin: 'x'.repeat(5000) } });
  const { requests } = await record();
  expect(requests[0].responseFields[0].value).toBe('x'.repeat(2000));
});

test.each<[string, unknown]>([
  ['an unknown member', { ...testExchange('a'), extra: 1 }],
  ['an unknown reporter', testExchange('a', { reporter: 'bar' as 'foo' })],
  ['a long id', testExchange('x'.repeat(61))],
  ['a port out of range', testExchange('a', { clientPort: 65_536 })],
  ['a long path', testExchange('a', { path: 'x'.repeat(501) })],
])('the lab refuses a report with %s [T-LAB-03]', async (_name, exchange) => {
  expect((await report(await testLab(), [exchange])).statusCode).toBe(400);
});

test('a record has only the headers that matter, and at most 20 of them [T-LAB-06]', async () => {
  const lab = await testLab();
  const { url, record } = await startRun(lab);
  const headers = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`sec-fetch-${'a'.repeat(index + 1)}`, 'x']),
  );
  await send(lab, 'same-site', {
    url,
    headers: { ...headers, origin: ORIGIN, 'sec-fetch-site': 'same-site' },
  });
  await send(lab, 'same-site', {
    url,
    headers: { 'sec-fetch-mode': Array(100).fill('cors') as unknown as string },
  });
  const { requests } = await record();
  expect(requests[0].fields).toEqual([
    { name: 'origin', value: ORIGIN },
    { name: 'sec-fetch-site', value: 'same-site' },
  ]);
  expect(requests[1].fields).toHaveLength(20);
});
