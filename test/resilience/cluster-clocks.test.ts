/**
 * One of several instances has a wrong clock, or stands still for longer than the lease by which it delivers
 * logouts. The others go on, and it changes nothing that they rely on.
 */
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { LEASE_MS } from '../../apps/sso/src/storage/logout-notice-store.ts';
import { afterAllTests } from '../support/at-end.ts';
import { postgresUrl, runOn } from '../support/postgres.ts';
import { type RunningCluster, runningCluster } from '../support/process-cluster.ts';
import { temporaryFolder } from '../support/temporary-folder.fixture.ts';
import { expectAllReady, healthOfAll } from './cluster-outage.ts';
import { expectTrueAuditTrailIn } from './invariants.ts';
import { byRunLength, SeededRandom } from './seeded-random.ts';
import { setClock, withSettableClock } from './settable-clock.ts';
import { SsoConsistencyChecker } from './sso-consistency-checker.ts';

const DAY_SECONDS = 24 * 3600;
const OFFSETS = [5, -5, DAY_SECONDS];
/** Enough that the background work of the instance with the wrong clock runs several times. */
const ACT_COUNT = byRunLength({ short: 100, full: 400, long: 400 });

const atEnd = afterAllTests();
const random = new SeededRandom();
const folder = temporaryFolder(atEnd);
const clockOf = (name: 'sso' | 'foo', instance: number) => join(folder, `${name}-${instance}.clock`);
let cluster: RunningCluster;

beforeAll(async () => {
  cluster = await runningCluster({
    databases: { sso: await postgresUrl(atEnd), foo: await postgresUrl(atEnd) },
    environment: {
      sso: (instance) => withSettableClock(clockOf('sso', instance)),
      foo: (instance) => withSettableClock(clockOf('foo', instance)),
    },
    atEnd,
  });
});

test.each(byRunLength({ short: [5], full: OFFSETS, long: OFFSETS }))(
  'an instance whose clock is %i s off is not ready, and the others go on [T-CRASH-13]',
  async (seconds) => {
    const { sso, foo } = cluster;
    const checker = new SsoConsistencyChecker(cluster, random);
    await checker.gatherPeople();
    const wrong = [sso.instances[1], foo.instances[1]] as const;
    const logged = wrong.map((instance) => instance.log().length);
    await setClock(wrong[0], clockOf('sso', 1), seconds);
    await setClock(wrong[1], clockOf('foo', 1), seconds);
    const [ready, unready] = [
      [200, 200],
      [200, 503],
    ];
    await expect.poll(() => healthOfAll(cluster)).toEqual([ready, unready, ready, unready]);
    const differences = `${Math.abs(seconds) - 1}|${Math.abs(seconds)}`; // Rounded, after a round trip.
    const reason = new RegExp(
      `not ready: the clock differs by (${differences}) s from the clock of the database`,
    );
    for (const [index, instance] of wrong.entries()) {
      await expect.poll(() => instance.log().slice(logged[index]).join('\n')).toMatch(reason);
    }
    await expect.poll(() => [sso, foo].map(({ balancer }) => balancer.isReady[1])).toEqual([false, false]);
    const lostActs = await checker.runWhile(() => checker.acts(ACT_COUNT));
    expect(lostActs).toBe(0);
    await checker.expectAcknowledgedChanges();
    await checker.expectLastingEnds();
    await setClock(wrong[0], clockOf('sso', 1), 0);
    await setClock(wrong[1], clockOf('foo', 1), 0);
    await expectAllReady(cluster);
    await checker.runWhile(() => checker.acts(100));
    await checker.expectAcknowledgedChanges();
    await expectTrueAuditTrailIn(cluster.databases.sso);
  },
);

test('an instance that is suspended delays logouts by its lease, and loses none [T-CRASH-14]', async () => {
  const { sso, ipsum, databases } = cluster;
  const signIn = async () => {
    const person = cluster.person();
    await person.logIn();
    return { person, sid: String(decodeJwt(await person.token(ipsum))['sid']) };
  };
  const [first, second, third, staying] = [await signIn(), await signIn(), await signIn(), await signIn()];
  ipsum.answer = () => {}; // The instance that sends the first logout waits for a response.
  await first.person.logOut();
  const countOf = ({ sid }: typeof first) => ipsum.sids().filter((received) => received === sid).length;
  await expect.poll(() => countOf(first)).toBe(1);
  const lease = 'SELECT holder, leased_until FROM delivery_lease WHERE app = $1';
  const { holder, leased_until: leasedUntil } = (await runOn(databases.sso, lease, [ipsum.origin])).rows[0];
  const index = sso.instances.findIndex(({ pid }) => String(holder).includes(`/${pid}/`));
  const paused = sso.instances[index as 0 | 1];
  const signal = (name: NodeJS.Signals) => process.kill(paused.pid ?? Number.NaN, name);
  const logged = paused.log().length;
  signal('SIGSTOP');
  ipsum.answer = (response) => void response.writeHead(200).end();
  try {
    await expect.poll(() => sso.balancer.isReady[index]).toBe(false);
    await second.person.logOut();
    await expect.poll(() => [countOf(first), countOf(second)], { timeout: 3 * LEASE_MS }).toEqual([2, 1]);
    expect(Date.now(), 'another instance sends once the lease has ended').toBeGreaterThan(
      Number(leasedUntil),
    );
  } finally {
    signal('SIGCONT');
  }
  // It finds that its own request has failed, and that somebody else has delivered the notice.
  await expect.poll(() => paused.log().slice(logged).join('\n')).toContain('logout not delivered');
  await expectAllReady(cluster);
  await third.person.logOut();
  await expect.poll(() => countOf(third), { timeout: 2 * LEASE_MS }).toBe(1);
  const waiting = async () => (await runOn(databases.sso, 'SELECT sid FROM logout_notice')).rows;
  await expect.poll(waiting).toEqual([]);
  expect([first, second, third, staying].map(countOf)).toEqual([2, 1, 1, 0]);
  expect((await staying.person.loginStatus()).body).toMatchObject({ status: 'signed in' });
  const { rows } = await runOn(
    databases.sso,
    "SELECT sid FROM audit_record WHERE kind = 'logout delivered' AND sid = ANY ($1)",
    [[first, second, third].map(({ sid }) => sid)],
  );
  expect(rows.length, 'each delivery is recorded once').toBe(3);
});
