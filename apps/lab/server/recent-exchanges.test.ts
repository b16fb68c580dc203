import { expect, test } from 'vitest';
import { testExchange } from './lab.fixture.ts';
import { MAX_EXCHANGES, RecentExchanges } from './recent-exchanges.ts';

const STARTED_AT = 1000;

function recent(...ids: string[]) {
  const exchanges = new RecentExchanges(STARTED_AT);
  exchanges.add(ids.map((id) => testExchange(id)));
  return exchanges;
}

const idsOf = (entries: readonly { exchange: { id: string } }[]) =>
  entries.map(({ exchange }) => exchange.id);

/** Reads what a stream gets at once, up to the newest exchange. */
async function readPresent(exchanges: RecentExchanges, lastEventId: string | null) {
  const ids: string[] = [];
  for await (const { exchange, sequence } of exchanges.follow(lastEventId, new AbortController().signal)) {
    ids.push(exchange.id);
    if (exchanges.after(sequence).length === 0) break;
  }
  return ids;
}

test('a second report of an exchange replaces the first and gets a new number', () => {
  const exchanges = recent('a', 'b');
  exchanges.add([testExchange('a', { durationMs: 5 })]);
  expect(exchanges.after(0)).toEqual([
    { sequence: STARTED_AT + 2, exchange: testExchange('b') },
    { sequence: STARTED_AT + 3, exchange: testExchange('a', { durationMs: 5 }) },
  ]);
});

test('the oldest exchanges are forgotten when there are more than 300 [T-LAB-03]', () => {
  const exchanges = recent(...Array.from({ length: MAX_EXCHANGES + 2 }, (_, index) => `id-${index}`));
  const ids = idsOf(exchanges.after(0));
  expect([ids.length, ids[0], ids.at(-1)]).toEqual([300, 'id-2', 'id-301']);
});

test('an exchange whose id is a member of Object.prototype is stored like any other', () => {
  const exchanges = recent('__proto__', 'constructor', '__proto__');
  expect(idsOf(exchanges.after(0))).toEqual(['constructor', '__proto__']);
});

test.each([
  [null, ['a', 'b', 'c']],
  [String(STARTED_AT + 1), ['b', 'c']],
  [String(STARTED_AT + 2), ['c']],
  ['0', ['a', 'b', 'c']],
  [String(STARTED_AT - 500), ['a', 'b', 'c']],
  [String(STARTED_AT + 4), ['a', 'b', 'c']],
  ['9'.repeat(15), ['a', 'b', 'c']],
  ['9'.repeat(400), ['a', 'b', 'c']],
  ['-1', ['a', 'b', 'c']],
  ['1e3', ['a', 'b', 'c']],
  ['', ['a', 'b', 'c']],
  ['__proto__', ['a', 'b', 'c']],
])('after the event id %j, a stream begins with %j', async (lastEventId, expected) => {
  expect(await readPresent(recent('a', 'b', 'c'), lastEventId)).toEqual(expected);
});

test('a stream gets new exchanges as they are added, and ends when it is aborted', async () => {
  const exchanges = recent();
  const controller = new AbortController();
  const stream = exchanges.follow(null, controller.signal);
  for (const id of ['a', 'b', 'a']) {
    const next = stream.next();
    exchanges.add([testExchange(id)]);
    expect((await next).value?.exchange.id).toBe(id);
  }
  const end = stream.next();
  controller.abort();
  expect(await end).toEqual({ done: true, value: undefined });
});
