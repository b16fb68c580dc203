/** Transactions of several statements: sent together, or in bulk. */
import { expect, it, onTestFinished } from 'vitest';
import { connectTo, postgresUrl } from '../../../../../test/support/postgres.ts';
import { tcpProxy } from '../../../../../test/support/tcp-proxy.ts';
import { names, openDatabase, outcomeOf } from './postgres-database.fixture.ts';

it('statements that are sent together see what the lock of the first has waited for', async () => {
  const url = await postgresUrl();
  const proxy = await tcpProxy(url);
  const database = await openDatabase(proxy.url);
  await names(database); // Connects.
  const before = proxy.roundTrips;
  const other = await connectTo(url, onTestFinished);
  await other.query('BEGIN; SELECT pg_advisory_xact_lock(7)');
  const result = database.writeAll<{ name: string }>(
    ['SELECT pg_advisory_xact_lock($1)', [7]],
    ['SELECT name FROM item WHERE id = $1', [1]],
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  await other.query("UPDATE item SET name = 'new' WHERE id = 1; COMMIT");
  expect(await result).toEqual({ rows: [{ name: 'new' }], count: 1 });
  expect(proxy.roundTrips - before).toBe(1);
});

it('statements that are sent together are rolled back together', async () => {
  const database = await openDatabase();
  const work = database.writeAll(
    ["UPDATE item SET name = 'new'"],
    ['INSERT INTO item VALUES (1)'],
    ["UPDATE item SET name = 'newer'"],
  );
  expect(await outcomeOf(work)).toMatchObject({ code: '23505' });
  expect(await names(database)).toEqual(['one', 'two']);
});

it('a transaction in bulk may take longer than a request', async () => {
  const database = await openDatabase();
  const sleep = (isBulk: boolean) =>
    outcomeOf(database.transact((transaction) => transaction.query('SELECT pg_sleep(1)'), { isBulk }));
  expect(await Promise.all([sleep(false), sleep(true)])).toEqual([
    expect.stringContaining('unavailable: 57014'),
    'done',
  ]);
});
