/**
 * Several instances lose their connections to PostgreSQL: it stops, it terminates them, or the network fails
 * while a change is being committed.
 */
import { sha256 } from '@samesite-sso/core';
import { beforeAll, expect, test } from 'vitest';
import { afterAllTests } from '../support/at-end.ts';
import { runOn, terminateOthers } from '../support/postgres.ts';
import { type PostgresProcess, startPostgresProcess } from '../support/postgres-process.ts';
import { type RunningCluster, runningCluster } from '../support/process-cluster.ts';
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts';
import { expectToOutlast, healthOfAll } from './cluster-outage.ts';
import { expectTrueAuditTrailIn } from './invariants.ts';
import { byRunLength, SeededRandom } from './seeded-random.ts';
import { SsoConsistencyChecker } from './sso-consistency-checker.ts';

const REPEATS = byRunLength({ short: 1, full: 2, long: 30 });
const CUTS = byRunLength({ short: 10, full: 40, long: 1000 });
const ALL_UNREADY = Array(4).fill([200, 503]);

const random = new SeededRandom();
const atEnd = afterAllTests();
let server: PostgresProcess;
let proxy: TcpProxy;
let cluster: RunningCluster;
let checker: SsoConsistencyChecker;

beforeAll(async () => {
  server = await startPostgresProcess();
  atEnd(() => server.remove());
  const databases = { sso: await server.createDatabase('sso'), foo: await server.createDatabase('foo') };
  proxy = await tcpProxy(databases.sso, atEnd);
  cluster = await runningCluster({
    databases,
    environment: { sso: () => ({ SSO_TOKEN_SECONDS: '3600', SSO_DATABASE: proxy.url }) },
    atEnd,
  });
  checker = new SsoConsistencyChecker(cluster, random);
});

test('PostgreSQL crashes or stops, and starts: nothing acknowledged is lost [T-CRASH-12]', async () => {
  for (const end of byRunLength({
    short: [crash],
    full: [crash, () => server.stop()],
    long: Array(30).fill(crash),
  })) {
    const refusedCount = await expectToOutlast(cluster, checker, async () => {
      await end();
      await expect.poll(() => healthOfAll(cluster)).toEqual(ALL_UNREADY);
      await server.start();
    });
    expect(refusedCount).toBeGreaterThan(0);
  }
});

test('connections are terminated: only what they were doing is refused [T-CRASH-12]', async () => {
  await expectToOutlast(cluster, checker, async () => {
    for (let repeats = 0; repeats < 3 * REPEATS; repeats += 1) {
      await terminateOthers(cluster.databases.sso);
      await terminateOthers(cluster.databases.foo);
      await checker.acts(random.below(20));
    }
  });
});

test('connections are lost during COMMIT: no token is redeemed twice [T-CRASH-12]', async () => {
  const refusedCount = await expectToOutlast(cluster, checker, async () => {
    for (let cuts = 0; cuts < CUTS; cuts += 1) {
      proxy.cutAfter('COMMIT\0', random.below(2) === 0);
      await checker.acts(1 + random.below(10));
    }
  });
  expect(refusedCount).toBeGreaterThan(0);
  await checker.expectLastingEnds();
});

test.each([
  ['has one effect if PostgreSQL got COMMIT', true, [false]],
  ['has no effect if PostgreSQL did not', false, [true, false]],
])(
  'a redemption whose COMMIT is not answered %s, and is not repeated [T-CRASH-12]',
  async (_outcome, isForwarded, later) => {
    const { sso, ipsum } = cluster;
    const person = cluster.person();
    await person.logIn();
    const isActive = async (token: string) => (await ipsum.introspect(sso, token)).body['active'];
    let token = '';
    let status = 200;
    // Background work may commit something just before, and be cut instead.
    for (let attempts = 0; status === 200 && attempts < 50; attempts += 1) {
      token = await person.token(ipsum);
      proxy.cutAfter('COMMIT\0', isForwarded);
      ({ status } = await ipsum.introspect(sso, token));
    }
    expect(status).toBe(503);
    await expect.poll(refusalsOfIntrospections).toContain('the outcome of COMMIT is unknown');
    // PostgreSQL may get to the transaction after the next introspection.
    if (isForwarded) await expect.poll(() => isRedeemed(token)).toBe(true);
    for (const expected of later) expect(await isActive(token)).toBe(expected);
    expect(await isActive(token)).toBe(false);
    await expectTrueAuditTrailIn(cluster.databases.sso);
  },
);

async function isRedeemed(token: string): Promise<boolean> {
  const { rows } = await runOn(
    cluster.databases.sso,
    'SELECT redeemed_at IS NOT NULL AS "isRedeemed" FROM authentication_token WHERE hash = $1',
    [sha256(token)],
  );
  return rows[0]?.isRedeemed === true;
}

/** As the instances log them. */
function refusalsOfIntrospections(): string {
  const lines = cluster.sso.instances.flatMap((instance) => instance.log());
  return lines.filter((line) => line.includes('/introspect') && line.includes('refused')).join('\n');
}

/** Ends it without a last checkpoint, so that it has to recover from its log. */
async function crash(): Promise<void> {
  const { rows } = await runOn(
    server.url,
    "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1) AS pid",
  );
  const pid = Number(rows[0].pid);
  process.kill(pid, 'SIGQUIT');
  await expect.poll(() => isRunning(pid)).toBe(false);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
