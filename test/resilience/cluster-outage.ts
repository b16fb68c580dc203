/**
 * A failure of the database under concurrent requests at several instances. Each request is answered as ever
 * or refused as `unavailable` in time, every instance stays alive, and all work again without a restart.
 */
import { expect } from 'vitest';
import { ONE_SECOND_WHEN_BUSY_MS } from '../support/one-second.ts';
import type { RunningCluster, Service } from '../support/process-cluster.ts';
import { expectTrueAuditTrailIn } from './invariants.ts';
import { healthOf } from './read-only-database.ts';
import type { SsoConsistencyChecker } from './sso-consistency-checker.ts';

/** The documented limit for step 4, which waits for the SSO service. */
const MAX_STEP_4_MS = 5000;

/** @returns the status of `/livez` and of `/readyz` of each instance */
export function healthOfAll({ sso, foo }: RunningCluster): Promise<number[][]> {
  return Promise.all([...sso.instances, ...foo.instances].map((instance) => healthOf(instance)));
}

export async function expectAllReady(cluster: RunningCluster): Promise<void> {
  await expect.poll(() => healthOfAll(cluster)).toEqual(Array(4).fill([200, 200]));
}

/**
 * @param outage makes the database fail, and work again
 * @returns how many requests were refused
 */
export async function expectToOutlast(
  cluster: RunningCluster,
  checker: SsoConsistencyChecker,
  outage: () => Promise<unknown>,
): Promise<number> {
  const services = [cluster.sso, cluster.foo];
  const before = services.map(({ balancer }) => balancer.requests.length);
  const withhold = (withholds: boolean) => {
    for (const { balancer } of services) balancer.withholdsUnavailable = withholds;
  };
  await checker.gatherPeople();
  withhold(true);
  await checker.runWhile(async () => {
    await checker.acts(20);
    await outage();
    await expectAllReady(cluster);
    await checker.acts(40);
  });
  withhold(false);
  const refusedCounts = services.map((service, index) => expectTimelyRefusals(service, before[index] ?? 0));
  // Also before anything is read again, no session is lost or revived, and no token is redeemed twice.
  await expectTrueAuditTrailIn(cluster.databases.sso);
  await checker.expectAcknowledgedChanges();
  return refusedCounts.reduce((sum, count) => sum + count, 0);
}

/** @returns how many requests were refused */
function expectTimelyRefusals({ name, balancer }: Service, before: number): number {
  const requests = balancer.requests.slice(before);
  expect(requests.filter(({ outcome }) => outcome === 'lost')).toEqual([]);
  const refused = requests.filter(({ status }) => status >= 500);
  for (const request of refused) {
    const isStep4 = name === 'foo' && request.method === 'POST' && request.path === '/session';
    expect(request.status).toBe(503);
    expect(request.milliseconds).toBeLessThan(isStep4 ? MAX_STEP_4_MS : ONE_SECOND_WHEN_BUSY_MS);
  }
  return refused.length;
}
