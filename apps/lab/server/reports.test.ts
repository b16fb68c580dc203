import { expect, test } from 'vitest';
import { report, SECRET, send, testExchange, testLab } from './lab.fixture.ts';

test('a report with the secret is accepted under any host name', async () => {
  const lab = await testLab();
  for (const host of ['127.0.0.1:4010', 'lab:4010', 'lab.example.localhost:4010']) {
    const headers = { authorization: `Bearer ${SECRET}`, host };
    expect((await report(lab, [testExchange(host)], headers)).statusCode).toBe(204);
  }
});

test.each([
  undefined,
  '',
  'Bearer ',
  'Bearer undefined',
  `Bearer ${SECRET}x`,
  `Bearer ${SECRET.slice(0, -1)}`,
  `bearer ${SECRET}`,
  SECRET,
  `Basic ${btoa(`lab:${SECRET}`)}`,
])(
  'a report with the authorization %j is refused before its body is read [T-LAB-03]',
  async (authorization) => {
    const answer = await report(await testLab(), 'not even a list' as never, { authorization });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.body).not.toContain(SECRET);
  },
);

test('a report of more than 1 MiB is refused, and a smaller one is accepted [T-LAB-03]', async () => {
  const lab = await testLab();
  const body = 'x'.repeat(8000);
  const large = testExchange('large', { request: { fields: [], body, tokens: [] } });
  expect((await report(lab, Array(100).fill(large))).statusCode).toBe(204);
  const fields = Array(40).fill({ name: 'x', value: 'x'.repeat(2000) });
  const larger = testExchange('larger', { request: { fields, body, tokens: [] } });
  expect((await report(lab, Array(20).fill(larger))).statusCode).toBe(413);
});

test('a report must be JSON, with at most 100 exchanges [T-LAB-03]', async () => {
  const lab = await testLab();
  const authorization = `Bearer ${SECRET}`;
  const text = await report(lab, [], { authorization, 'content-type': 'text/plain' });
  expect(text.statusCode).toBe(415);
  expect((await report(lab, Array(101).fill(testExchange('a')))).statusCode).toBe(400);
});

test('reports can’t be read', async () => {
  const headers = { authorization: `Bearer ${SECRET}` };
  const answer = await send(await testLab(), 'same-origin', { url: '/reports', headers });
  expect(answer.statusCode).toBe(405);
});
