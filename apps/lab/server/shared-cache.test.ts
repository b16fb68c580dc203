/** Shows that targets use the shared cache, whose rules `cors/memory.test.ts` tests. */
import { expect, test } from 'vitest';
import type { Policy } from '../cors/policy.ts';
import { ORIGIN, send, startRun, testLab } from './lab.fixture.ts';

const OTHER = 'http://other.example.localhost:4010';

const REFLECTING: Partial<Policy> = { hasSharedCache: true, allowOrigin: { rule: 'reflect' } };

/** Sends requests to one run, and returns what the server recorded of each. */
async function sendTo(
  changes: Partial<Policy>,
  requests: readonly {
    origin?: string;
    language?: string;
    query?: string;
  }[],
) {
  const lab = await testLab();
  const { url, record } = await startRun(lab, { ...REFLECTING, ...changes });
  const allowed = [];
  for (const { origin = ORIGIN, language, query = '' } of requests) {
    const headers = { origin, ...(language !== undefined && { 'accept-language': language }) };
    const answer = await send(lab, 'same-site', { url: url + query, headers });
    allowed.push(answer.headers['access-control-allow-origin']);
    expect(answer.headers['cache-control']).toBe('no-store');
  }
  const { requests: recorded, executions } = await record();
  return { allowed, kinds: recorded.map(({ kind }: { kind: string }) => kind), executions };
}

test('without Vary, the shared cache gives another origin the response for the first', async () => {
  const { allowed, kinds, executions } = await sendTo({ vary: null }, [{}, { origin: OTHER }]);
  expect(allowed).toEqual([ORIGIN, ORIGIN]);
  expect(kinds).toEqual(['request', 'cache']);
  expect(executions).toBe(1);
});

test('with Vary: Origin, the shared cache keeps a response for each origin', async () => {
  const { allowed, kinds } = await sendTo({}, [{}, { origin: OTHER }, {}, { origin: OTHER }]);
  expect(allowed).toEqual([ORIGIN, OTHER, ORIGIN, OTHER]);
  expect(kinds).toEqual(['request', 'request', 'cache', 'cache']);
});

test('a header in Vary that one request lacks sets it apart', async () => {
  const vary = 'accept-language , ORIGIN';
  const { kinds } = await sendTo({ vary }, [{}, { language: 'en' }, { language: 'en' }, {}]);
  expect(kinds).toEqual(['request', 'request', 'cache', 'cache']);
});

test('the shared cache keeps responses of different queries and hosts apart', async () => {
  expect((await sendTo({ vary: null }, [{}, { query: '?a' }, { query: '?a' }])).kinds).toEqual([
    'request',
    'request',
    'cache',
  ]);
  const lab = await testLab();
  const { url, record } = await startRun(lab, { ...REFLECTING, vary: null });
  for (const target of ['same-site', 'cross-site'] as const) await send(lab, target, { url });
  expect(await record()).toMatchObject({ executions: 2 });
});

test('the shared cache stores nothing while the policy has none', async () => {
  const lab = await testLab();
  const { url, change, record } = await startRun(lab, { ...REFLECTING, hasSharedCache: false });
  await send(lab, 'same-site', { url });
  await change(REFLECTING);
  await send(lab, 'same-site', { url });
  expect(await record()).toMatchObject({ executions: 2 });
});

test('each run has a shared cache of its own, which answers only while the policy has one', async () => {
  const lab = await testLab();
  const [first, second] = [await startRun(lab, REFLECTING), await startRun(lab, REFLECTING)];
  for (const { url } of [first, second]) await send(lab, 'same-site', { url });
  expect(await second.record()).toMatchObject({ executions: 1 });
  await first.change({ hasSharedCache: false });
  await send(lab, 'same-site', { url: first.url });
  expect(await first.record()).toMatchObject({ executions: 2 });
  await first.change(REFLECTING);
  await send(lab, 'same-site', { url: first.url });
  expect(await first.record()).toMatchObject({ executions: 2 });
});

test('the shared cache stores a few responses, and later ones are executed each time', async () => {
  const queries = Array.from({ length: 12 }, (_, index) => ({ query: `?${index}` }));
  const { kinds } = await sendTo({ vary: null }, [...queries, ...queries]);
  expect(kinds.slice(12)).toEqual([...Array(10).fill('cache'), 'request', 'request']);
});
