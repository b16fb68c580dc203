/**
 * One of several instances is killed, or all are restarted in turn, under concurrent requests: only what a
 * killed instance was processing fails, and nothing that any instance acknowledged is lost.
 */
import { beforeAll, expect, test } from 'vitest';
import { afterAllTests } from '../support/at-end.ts';
import { postgresUrl } from '../support/postgres.ts';
import {
  type ClusterName,
  type RunningCluster,
  runningCluster,
  type Service,
} from '../support/process-cluster.ts';
import type { BalancedRequest } from '../support/round-robin-balancer.ts';
import { expectTrueAuditTrailIn } from './invariants.ts';
import { byRunLength, SeededRandom } from './seeded-random.ts';
import { SsoConsistencyChecker } from './sso-consistency-checker.ts';

/** When an instance is killed. Each change must be in the database before its response is sent. */
const MOMENTS: readonly [service: ClusterName, isMoment: (request: BalancedRequest) => boolean][] = [
  ['foo', ({ path, status }) => path === '/backchannel-logout' && status === 0],
  ['sso', ({ kind, status }) => kind === 'logout' && status === 200],
  ['sso', ({ path, status }) => path === '/introspect' && status === 0],
  ['foo', ({ method, path, status }) => method === 'POST' && path === '/session' && status === 201],
  ['sso', ({ kind, status }) => kind === 'login' && status === 200],
  ['sso', () => true],
  ['foo', () => true],
];
const CRASHES = byRunLength({ short: 3, full: 7, long: 105 });
const ROLLING_RESTARTS = byRunLength({ short: 1, full: 2, long: 50 });

const random = new SeededRandom();
const atEnd = afterAllTests();
let cluster: RunningCluster;

beforeAll(async () => {
  cluster = await runningCluster({
    databases: { sso: await postgresUrl(atEnd), foo: await postgresUrl(atEnd) },
    // Long enough that only a redemption or an end, not expiry, makes a token or session invalid.
    environment: { sso: () => ({ SSO_TOKEN_SECONDS: '3600' }) },
    atEnd,
  });
});

test('a killed instance loses only the requests that it was processing [T-CRASH-10]', async () => {
  const checker = new SsoConsistencyChecker(cluster, random);
  let lossCount = 0;
  for (let crash = 0; crash < CRASHES; crash += 1) {
    await checker.gatherPeople();
    const [name, isMoment] = MOMENTS[crash % MOMENTS.length] ?? ['sso', () => true];
    lossCount += await killOne(cluster[name], checker, isMoment);
    await checker.expectAcknowledgedChanges();
    await expectTrueAuditTrailIn(cluster.databases.sso);
  }
  await checker.expectLastingEnds();
  console.log(`${CRASHES} crashes, ${lossCount} requests lost: ${checker.summary}.`);
  expect(checker.summary).not.toMatch(/, 0 /); // Sessions were active at every crash.
});

test('no request fails while all instances are restarted one after the other [T-CRASH-11]', async () => {
  const checker = new SsoConsistencyChecker(cluster, random);
  await checker.gatherPeople();
  const requests = recordRequests();
  const restartInTurn = async ({ instances, balancer }: Service) => {
    balancer.refusalCount = 0;
    for (const instance of instances) {
      await checker.acts(20);
      expect(await instance.end('SIGTERM')).toBe('ended with status 0');
      await checker.acts(20);
      await instance.start();
      await expect.poll(() => balancer.isReady).toEqual([true, true]);
    }
    expect(balancer.refusalCount, 'each announces its end before it accepts no connections').toBe(0);
  };
  const restartAll = () => Promise.all([cluster.sso, cluster.foo].map(restartInTurn));
  for (let round = 1; round <= ROLLING_RESTARTS; round += 1) await checker.runWhile(restartAll);
  const failed = requests().filter(({ outcome, status }) => outcome === 'lost' || status >= 500);
  expect(failed).toEqual([]);
  await checker.expectAcknowledgedChanges();
  await expectTrueAuditTrailIn(cluster.databases.sso);
  await checker.expectLastingEnds();
  console.log(`${4 * ROLLING_RESTARTS} restarts, ${requests().length} requests: ${checker.summary}.`);
});

/**
 * Kills the instance to which this happens, and starts it again.
 *
 * @returns how many requests were lost
 */
async function killOne(
  service: Service,
  checker: SsoConsistencyChecker,
  isMoment: (request: BalancedRequest) => boolean,
): Promise<number> {
  const { name, balancer, instances } = service;
  const requests = recordRequests();
  let index = -1;
  let endedAtMs = 0;
  const failedActs = await checker.runWhile(async () => {
    await checker.acts(20 + random.below(40));
    balancer.onProgress = (request) => {
      if (!isMoment(request) || request.instance === null) return;
      balancer.onProgress = () => {};
      index = request.instance;
      void instances[index as 0 | 1].end('SIGKILL').then(() => {
        endedAtMs = performance.now();
      });
    };
    await expect.poll(() => endedAtMs, { timeout: 30_000, message: 'the moment comes' }).not.toBe(0);
    // The other one serves alone, and both do while this one comes back.
    await checker.acts(20);
    await instances[index as 0 | 1].start();
    await checker.acts(20);
  });
  const lost = requests().filter(({ outcome }) => outcome === 'lost');
  for (const request of lost) {
    expect(request, 'only at the killed instance').toMatchObject({ service: name, instance: index });
    expect(request.sentAtMs, 'only while it ran').toBeLessThan(endedAtMs);
  }
  // An app responds with 503 to a step 4 whose introspection, or request for keys, was lost. Nothing else is
  // refused.
  const refused = requests().filter(({ status }) => status >= 500);
  const lostByServers = lost.filter(({ isFromServer }) => isFromServer);
  if (lostByServers.length === 0) expect(refused).toEqual([]);
  for (const request of refused) {
    expect(request).toMatchObject({ service: 'foo', method: 'POST', path: '/session', status: 503 });
  }
  expect(failedActs).toBeLessThanOrEqual(lost.length - lostByServers.length);
  return lost.length;
}

/** @returns a function that returns all requests since then */
function recordRequests() {
  const services = [cluster.sso, cluster.foo].map(({ name, balancer }) => {
    return { name, all: balancer.requests, since: balancer.requests.length };
  });
  return () =>
    services.flatMap(({ name, all, since }) =>
      all.slice(since).map((request) => ({ service: name, ...request })),
    );
}
