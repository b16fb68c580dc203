import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { alterDatabase, connectTo, postgresUrl, runOn } from '../../../../../test/support/postgres.ts';
import { tcpProxy } from '../../../../../test/support/tcp-proxy.ts';
import { names, openDatabase, outcomeOf, rename, renameByWrite } from './postgres-database.fixture.ts';

const CORE = join(import.meta.dirname, '../../index.ts');

describe('a PostgreSQL database', () => {
  it('loads its driver when it is opened, so that installations with SQLite do not', () => {
    const script = `
      import { createRequire } from 'node:module';
      await import(${JSON.stringify(CORE)});
      const loaded = Object.keys(createRequire(${JSON.stringify(CORE)}).cache);
      console.log(loaded.filter((file) => /node_modules.(better-sqlite3|pg).lib.index/.test(file)).length);`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script]);
    expect(String(stdout)).toBe('1\n');
  });

  it('returns counts and times as numbers, bytes as buffers, and NULL as null', async () => {
    const database = await openDatabase();
    const values = [2 ** 52, Buffer.from([0, 255]), true, null];
    const { rows, count } = await database.query<object>(
      'SELECT $1::bigint AS time, $2::bytea AS hash, $3::boolean AS flag, $4::text AS nothing',
      values,
    );
    expect(rows.map(Object.values)).toEqual([values]);
    expect(count).toBe(1);
  });

  it('says how many rows a write changed, and returns the rows that it asks for', async () => {
    const database = await openDatabase();
    const write = await database.write('UPDATE item SET name = $1 RETURNING id', ['new']);
    expect(write).toEqual({ rows: [{ id: 1 }, { id: 2 }], count: 2 });
    expect(await database.write('DELETE FROM item')).toEqual({ rows: [], count: 2 });
  });

  it('answers a read and a write in one round trip each', async () => {
    const proxy = await tcpProxy(await postgresUrl());
    const database = await openDatabase(proxy.url);
    await names(database); // Connects.
    const before = proxy.roundTrips;
    await names(database);
    expect(proxy.roundTrips - before).toBe(1);
    await renameByWrite(database, 'new');
    expect(proxy.roundTrips - before).toBe(2);
    expect(await names(database)).toEqual(['new', 'two']);
  });

  it('leaves the limit of reads to the role if its own is short enough', async () => {
    const url = await postgresUrl();
    await alterDatabase(url, 'SET statement_timeout = 200');
    const database = await openDatabase(url);
    expect(await outcomeOf(database.query('SELECT pg_sleep(5)'))).toContain('57014');
    const settings = `SELECT current_setting('statement_timeout') AS limit`;
    expect((await database.query(settings)).rows).toEqual([{ limit: '200ms' }]);
    expect((await database.write(settings)).rows).toEqual([{ limit: '600ms' }]);
  });

  it('leaves nothing behind in its sessions, which a pooler gives to others', async () => {
    const url = await postgresUrl();
    await alterDatabase(url, 'SET statement_timeout = 900'); // So that reads have no transaction.
    const database = await openDatabase(`${url}?pool_size=1`);
    await rename(database, 'new');
    await renameByWrite(database, 'newer');
    const { rows } = await database.query(`
      SELECT (SELECT count(*) FROM pg_prepared_statements) AS statements,
        (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks,
        (SELECT string_agg(name, ' ') FROM pg_settings WHERE source IN ('client', 'session')) AS settings`);
    // pg sends only this startup parameter, and poolers know it.
    expect(rows).toEqual([{ statements: 0, locks: 0, settings: 'client_encoding' }]);
  });
});

describe('a transaction', () => {
  it('is committed as a whole', async () => {
    const database = await openDatabase();
    await rename(database, 'new');
    expect(await names(database)).toEqual(['new', 'new']);
  });

  it('is rolled back when its work throws, and the error is the caller’s', async () => {
    const database = await openDatabase();
    const refusal = new Error('refused');
    const work = database.transact(async (transaction) => {
      await transaction.query('DELETE FROM item');
      throw refusal;
    });
    expect(await outcomeOf(work)).toBe(refusal);
    expect(await names(database)).toEqual(['one', 'two']);
    expect(await database.isReady()).toBe(true);
  });

  it('fails when the error of a statement is ignored, since the server has rolled back', async () => {
    const database = await openDatabase();
    const work = database.transact(async (transaction) => {
      await transaction.query('DELETE FROM item');
      await transaction.query('INSERT INTO missing VALUES (1)').catch(() => undefined);
    });
    expect(String(await outcomeOf(work))).toContain('Rolled back');
    expect(await names(database)).toEqual(['one', 'two']);
  });

  it.each(['write', 'transact'] as const)(
    'reports a violated constraint unchanged in %s, and the connection remains usable',
    async (method) => {
      const database = await openDatabase(`${await postgresUrl()}?pool_size=1`);
      const insert = ['INSERT INTO item VALUES ($1)', [1]] as const;
      const work =
        method === 'write'
          ? database.write(...insert)
          : database.transact((transaction) => transaction.query(...insert));
      expect(await outcomeOf(work)).toMatchObject({ code: '23505' });
      expect(await names(database)).toEqual(['one', 'two']);
    },
  );

  it('is READ COMMITTED, even if the default is another level', async () => {
    const url = await postgresUrl();
    await alterDatabase(url, 'SET default_transaction_isolation = serializable');
    const database = await openDatabase(url);
    const read = `SELECT current_setting('transaction_isolation') AS level`;
    const work = database.transact((transaction) => transaction.query(read));
    expect((await work).rows).toEqual([{ level: 'read committed' }]);
  });
});

describe('a transaction that the server has rolled back', () => {
  it('is repeated after a deadlock [T-OUTAGE-08]', async () => {
    const url = await postgresUrl();
    // Otherwise the lock timeout would end the deadlock first.
    await alterDatabase(url, 'SET deadlock_timeout = 20');
    const database = await openDatabase(url);
    let runs = 0;
    const swap = (first: number, second: number) =>
      database.transact(async (transaction) => {
        runs += 1;
        for (const id of [first, second]) {
          await transaction.query('UPDATE item SET name = name || $1 WHERE id = $2', [first, id]);
          await transaction.query('SELECT pg_sleep(0.05)');
        }
      });
    await Promise.all([swap(1, 2), swap(2, 1)]);
    expect(runs).toBeGreaterThan(2);
    for (const name of await names(database)) expect(name).toMatch(/^(one|two)(12|21)$/);
  });

  it.each([
    ['write', 3, 'done'],
    ['transact', 3, 'done'],
    ['transact', 4, 'unavailable: 40001: try again'],
  ] as const)('is repeated three times at most: %s that fails %i times', async (method, times, outcome) => {
    const url = await postgresUrl();
    const database = await openDatabase(url);
    await runOn(url, FAIL_TIMES);
    const statement = [`INSERT INTO item SELECT 3, 'three' WHERE fail_times($1)`, [times]] as const;
    const work =
      method === 'write'
        ? database.write(...statement)
        : database.transact((transaction) => transaction.query(...statement));
    expect(await outcomeOf(work)).toBe(outcome);
    const { rows } = await database.query('SELECT last_value AS calls FROM calls');
    expect(rows).toEqual([{ calls: outcome === 'done' ? times + 1 : times }]);
    expect(await names(database)).toHaveLength(outcome === 'done' ? 3 : 2);
  });
});

/** A rollback doesn't undo `nextval`, so the sequence counts every call. */
const FAIL_TIMES = `
  CREATE SEQUENCE calls;
  CREATE FUNCTION fail_times(times int) RETURNS boolean LANGUAGE plpgsql AS $$
  BEGIN
    IF nextval('calls') <= times THEN RAISE SQLSTATE '40001' USING MESSAGE = 'try again'; END IF;
    RETURN true;
  END $$`;

describe('closing a database', () => {
  it('lets running work end', async () => {
    const database = await openDatabase();
    const work = database.query('SELECT pg_sleep(0.3)');
    await delay(50);
    await database.close();
    expect(await outcomeOf(work)).toBe('done');
    expect(await outcomeOf(names(database))).toContain('unavailable');
  });

  it('gives up on work that does not end', async () => {
    const proxy = await tcpProxy(await postgresUrl());
    const database = await openDatabase(proxy.url);
    await names(database);
    proxy.blackHole();
    const work = outcomeOf(names(database));
    await delay(50);
    const started = performance.now();
    await database.close();
    expect(performance.now() - started).toBeLessThan(3500);
    expect(await work).toContain('unavailable');
  });

  it('leaves no connection', async () => {
    const url = await postgresUrl();
    const database = await openDatabase(url);
    await Promise.all([names(database), names(database), renameByWrite(database, 'new')]);
    await database.close();
    const other = await connectTo(url, onTestFinished);
    const count = 'SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database()';
    await expect.poll(async () => (await other.query(count)).rows).toEqual([{ count: 1 }]);
  });
});
