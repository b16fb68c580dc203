/**
 * PostgreSQL answers several instances, but refuses: a table is locked, the server accepts no writes as after
 * a fail-over to a standby, or its disk is full.
 */
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { afterAllTests } from '../support/at-end.ts';
import { connectTo, runOn } from '../support/postgres.ts';
import { type PostgresProcess, startPostgresProcess } from '../support/postgres-process.ts';
import { type RunningCluster, runningCluster } from '../support/process-cluster.ts';
import { expectToOutlast, healthOfAll } from './cluster-outage.ts';
import { byRunLength, SeededRandom } from './seeded-random.ts';
import { SsoConsistencyChecker } from './sso-consistency-checker.ts';
import { canMount, tinyDisk } from './tiny-disk.ts';

const LOCKED_MS = byRunLength({ short: 2000, full: 10_000, long: 10_000 });
/** A new server with two databases has some 60 MB. */
const DISK_MEGABYTES = 128;
const SMALL_LOG = ['-c', 'min_wal_size=32MB', '-c', 'max_wal_size=32MB'];

const atEnd = afterAllTests();
const disk = canMount ? tinyDisk(DISK_MEGABYTES, atEnd) : null;
if (disk === null) console.log('SKIPPED: a full disk needs the privilege to mount one.');
let server: PostgresProcess;
let cluster: RunningCluster;
let checker: SsoConsistencyChecker;

beforeAll(async () => {
  server = await startPostgresProcess({ flags: SMALL_LOG, ...(disk && { parentFolder: disk.folder }) });
  atEnd(() => server.remove());
  cluster = await runningCluster({
    databases: { sso: await server.createDatabase('sso'), foo: await server.createDatabase('foo') },
    environment: { sso: () => ({ SSO_TOKEN_SECONDS: '3600' }) },
    atEnd,
  });
  checker = new SsoConsistencyChecker(cluster, new SeededRandom());
});

test('a table is locked for seconds: requests are refused within a second [T-CRASH-12]', async () => {
  const holder = await connectTo(cluster.databases.sso, onTestFinished);
  const refusedCount = await expectToOutlast(cluster, checker, async () => {
    await holder.query('BEGIN; LOCK TABLE sso_session IN ACCESS EXCLUSIVE MODE');
    const until = performance.now() + LOCKED_MS;
    while (performance.now() < until) {
      for (const [livez] of await healthOfAll(cluster)) expect(livez).toBe(200);
      await checker.acts(10);
    }
    await holder.query('ROLLBACK');
  });
  expect(refusedCount).toBeGreaterThan(LOCKED_MS / 100);
});

test('a server that accepts no writes is read, and written to as soon as it does [T-CRASH-12]', async () => {
  const person = cluster.person();
  await person.logIn();
  await person.signInAt(cluster.foo);
  const refusedCount = await expectToOutlast(cluster, checker, async () => {
    await setReadOnly('on');
    await expect
      .poll(async () => (await healthOfAll(cluster)).slice(0, 2))
      .toEqual([
        [200, 503],
        [200, 503],
      ]);
    expect((await person.loginStatus()).body).toMatchObject({ status: 'signed in' });
    expect((await person.appSession(cluster.foo)).body).toMatchObject({ status: 'signed in' });
    await checker.acts(100);
    await setReadOnly('off');
  });
  expect(refusedCount).toBeGreaterThan(0);
});

test.skipIf(disk === null)(
  'the disk is full: every change is made completely or not at all [T-CRASH-12]',
  async () => {
    const refusedCount = await expectToOutlast(cluster, checker, async () => {
      disk?.fill();
      // The server's files have some free space left.
      await expect
        .poll(async () => (await healthOfAll(cluster)).some(([, readyz]) => readyz === 503), {
          timeout: 30_000,
        })
        .toBe(true);
      await checker.acts(100);
      disk?.free();
      // Without space for its log, the server has stopped.
      if (!(await isRunning())) await server.start();
    });
    expect(refusedCount).toBeGreaterThan(0);
    await checker.expectLastingEnds();
  },
);

async function setReadOnly(value: 'on' | 'off'): Promise<void> {
  const client = await connectTo(server.url, onTestFinished);
  await client.query('SET default_transaction_read_only = off');
  await client.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
  await client.query('SELECT pg_reload_conf()');
}

async function isRunning(): Promise<boolean> {
  return await runOn(server.url, 'SELECT 1').then(
    () => true,
    () => false,
  );
}
