/** Each failure is answered within a second, and the database is used again without a restart. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  alterDatabase,
  connectTo,
  postgresUrl,
  terminateOthers,
} from '../../../../../test/support/postgres.ts';
import { startPostgresProcess } from '../../../../../test/support/postgres-process.ts';
import { tcpProxy } from '../../../../../test/support/tcp-proxy.ts';
import {
  expectRecovery,
  names,
  openDatabase,
  outcomeOf,
  rename,
  renameByWrite,
  useInEveryWay,
} from './postgres-database.fixture.ts';

/** With the NUL that ends it on the wire. Without it, BEGIN … READ COMMITTED would match, too. */
const COMMIT = 'COMMIT\0';

const allUnavailable = (reason: string) => Array(3).fill(expect.stringMatching(`^unavailable: .*${reason}`));

describe('a lost connection', () => {
  it('in the middle of a transaction rolls it back [T-OUTAGE-08]', async () => {
    const url = await postgresUrl();
    const database = await openDatabase(url);
    const work = database.transact(async (transaction) => {
      await transaction.query("UPDATE item SET name = 'lost'");
      await terminateOthers(url);
      await transaction.query("UPDATE item SET name = 'lost too'");
    });
    expect(await outcomeOf(work)).toMatch(/^unavailable: (?!the outcome)/);
    expect(await names(database)).toEqual(['one', 'two']);
    await expectRecovery(database);
  });

  it('that nobody used is replaced', async () => {
    const url = await postgresUrl();
    const database = await openDatabase(url);
    await Promise.all([names(database), names(database), names(database)]);
    await terminateOthers(url);
    await expectRecovery(database);
  });

  it.each([
    ['transact', true, ['new', 'new']],
    ['transact', false, ['one', 'two']],
    ['write', true, ['new', 'two']],
    ['write', false, ['one', 'two']],
  ] as const)(
    'during COMMIT leaves the outcome open, and nothing is repeated: %s, received by the server: %s',
    async (method, isForwarded, result) => {
      const url = await postgresUrl();
      const proxy = await tcpProxy(url);
      const database = await openDatabase(proxy.url);
      await names(database);
      const before = proxy.connections;
      proxy.cutAfter(COMMIT, isForwarded);
      const work = method === 'write' ? renameByWrite(database, 'new') : rename(database, 'new');
      expect(await outcomeOf(work)).toMatch(/^unavailable: the outcome of COMMIT is unknown: ./);
      expect(proxy.connections).toBe(before);
      // The server may still be committing.
      await expect.poll(() => names(database)).toEqual(result);
    },
  );

  it('before COMMIT does not leave the outcome open', async () => {
    const proxy = await tcpProxy(await postgresUrl());
    const database = await openDatabase(proxy.url);
    proxy.cutAfter('WHERE id = 2');
    expect(await outcomeOf(rename(database, 'new'))).toMatch(/^unavailable: (?!the outcome)/);
    expect(await names(database)).toEqual(['one', 'two']);
  });
});

describe('a server that does not answer', () => {
  it('because packets are lost is unavailable until they arrive again', async () => {
    const proxy = await tcpProxy(await postgresUrl());
    const database = await openDatabase(`${proxy.url}?pool_size=2`);
    await Promise.all([names(database), names(database)]);
    proxy.blackHole();
    expect(await useInEveryWay(database)).toEqual(allUnavailable(''));
    expect(await useInEveryWay(database)).toEqual(allUnavailable(''));
    expect(await database.isReady()).toBe(false);
    proxy.restore();
    await expectRecovery(database);
  });

  it('because it is stopped is unavailable until it runs again', async () => {
    const server = await startPostgresProcess({ flags: ['-c', 'fsync=off'] });
    onTestFinished(() => server.remove());
    const database = await openDatabase(server.url);
    await server.stop();
    expect(await useInEveryWay(database)).toEqual(allUnavailable('ECONNREFUSED'));
    expect(await database.isReady()).toBe(false);
    await server.start();
    await expectRecovery(database);
  });
});

describe('a locked table', () => {
  it('makes its statements unavailable, and no others', async () => {
    const url = await postgresUrl();
    const database = await openDatabase(`${url}?pool_size=3`);
    const holder = await connectTo(url, onTestFinished);
    await holder.query('BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE');
    expect(await useInEveryWay(database)).toEqual(allUnavailable('55P03'));
    expect(await database.isReady()).toBe(true);
    expect(await outcomeOf(database.query('SELECT 1'))).toBe('done');
    await holder.query('ROLLBACK');
    expect(await names(database)).toEqual(['one', 'two']);
    await expectRecovery(database);
  });

  it('keeps no more of the server’s processes waiting than the pool has connections', async () => {
    const url = await postgresUrl();
    await alterDatabase(url, 'SET statement_timeout = 1000'); // Longer than callers wait.
    const database = await openDatabase(`${url}?pool_size=3`);
    const [holder, observer] = [await connectTo(url, onTestFinished), await connectTo(url, onTestFinished)];
    await holder.query('BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE');
    const endsAt = performance.now() + 2500;
    const read = async () => {
      while (performance.now() < endsAt) expect(await outcomeOf(names(database))).not.toBe('done');
    };
    const reading = Promise.all(Array.from({ length: 6 }, read));
    let max = 0;
    while (performance.now() < endsAt) {
      const waiting = `SELECT count(*)::int FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      max = Math.max(max, (await observer.query(waiting)).rows[0].count);
      await delay(20);
    }
    expect(max).toBe(3);
    await reading;
  });
});

describe('a pool without free connections', () => {
  it('lets nobody wait for longer than a second, and is used again once they are free', async () => {
    const database = await openDatabase(`${await postgresUrl()}?pool_size=1`);
    const { promise, resolve: end } = Promise.withResolvers<void>();
    const holder = outcomeOf(database.transact(() => promise));
    expect(await useInEveryWay(database)).toEqual(allUnavailable('timeout exceeded'));
    expect(await holder).toMatch(/^unavailable: the database did not answer in time/);
    end();
    await expectRecovery(database);
  });

  it('takes a connection back from work that does not end', { timeout: 20_000 }, async () => {
    const database = await openDatabase(`${await postgresUrl()}?pool_size=1`);
    const holder = database.transact(() => new Promise(() => {}));
    expect(await outcomeOf(holder)).toContain('unavailable');
    await expectRecovery(database);
  });
});

describe('a transaction that takes too long', () => {
  it('is rolled back, although its work went on', async () => {
    const database = await openDatabase();
    let hasEnded = false;
    const work = database.transact(async (transaction) => {
      await transaction.query("UPDATE item SET name = 'late'");
      await delay(1200);
      hasEnded = true;
    });
    expect(await outcomeOf(work)).toBe('unavailable: the database did not answer in time');
    expect(hasEnded).toBe(false);
    await expect.poll(() => hasEnded).toBe(true);
    await expect.poll(() => outcomeOf(renameByWrite(database, 'next'))).toBe('done');
    expect(await names(database)).toEqual(['next', 'two']);
  });

  it('runs no further statement', async () => {
    const database = await openDatabase();
    let late: unknown;
    const work = database.transact(async (transaction) => {
      await delay(1000);
      late = await outcomeOf(transaction.query("UPDATE item SET name = 'late'"));
    });
    expect(await outcomeOf(work)).toContain('unavailable');
    await expect.poll(() => late).toBe('unavailable: the database did not answer in time');
  });
});
