/** Apps that let fewer people in, and people who leave groups, at instances on one PostgreSQL database. */
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { postgresUrl } from '../../../../test/support/postgres.ts';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import { ADA, FOO, OPERATOR } from '../../../../test/support/sso/test-service.ts';
import { addAda, noticesForFoo, startSession } from '../administration/administration.fixture.ts';
import { openStores } from '../storage/open-stores.ts';
import { followedRegistry, foo, lorem } from './followed-registry.fixture.ts';
import { GroupReviews } from './group-reviews.ts';
import { NarrowedAccess } from './narrowed-access.ts';
import { RegistryRecord } from './registry-record.ts';

const fooForStaff = { ...foo, groups: ['staff'] };

let database: string;

beforeEach(async () => {
  database = await postgresUrl();
});

async function startInstance(instance: string, apps = [foo, lorem]) {
  const stores = await openStores(database);
  onTestFinished(() => stores.close());
  const followed = await followedRegistry(apps);
  const { registry, log } = followed;
  const clock = Date.now;
  const narrowedAccess = new NarrowedAccess({ registry, stores, clock, log });
  const groupReviews = new GroupReviews({ registry, groups: stores.groups, clock, log });
  const record = new RegistryRecord(instance, stores.registry, registry, clock);
  await record.poll();
  await narrowedAccess.poll();
  const change = async (apps: unknown) => {
    followed.write(apps);
    await followed.poll();
    await record.poll();
    await narrowedAccess.poll();
  };
  return { stores, narrowedAccess, groupReviews, record, change };
}

test('an app that all instances narrow at once loses each session once', async () => {
  const [one, two] = [await startInstance('one'), await startInstance('two')];
  await addAda(one.stores);
  const sids: string[] = [];
  for (let count = 0; count < 300; count += 1) sids.push(await startSession(one.stores));
  await Promise.all([one.change([fooForStaff, lorem]), two.change([fooForStaff, lorem])]);
  const notices = await one.stores.logoutNotices.due(FOO, 'a test', Date.now(), 1000);
  expect(notices.map(({ sid }) => sid).sort()).toEqual(sids.sort());
  const ended = await allRows(one.stores.audit.pages({ kind: 'app access ended', limit: 1000 }));
  expect(ended).toHaveLength(300);
});

test('an instance that starts with a narrower registry waits for the others [T-GROUP-03]', async () => {
  const earlier = await startInstance('earlier');
  await addAda(earlier.stores);
  const sid = await startSession(earlier.stores);
  const restarted = await startInstance('restarted', [fooForStaff, lorem]);
  expect(await noticesForFoo(restarted.stores)).toEqual([]);
  await earlier.change([fooForStaff, lorem]);
  expect(await noticesForFoo(restarted.stores)).toEqual([sid]);
});

test('an instance that starts alone ends what its registry no longer grants', async () => {
  const earlier = await startInstance('earlier');
  await addAda(earlier.stores);
  const sid = await startSession(earlier.stores);
  await earlier.record.clear();
  const restarted = await startInstance('restarted', [fooForStaff, lorem]);
  expect(await noticesForFoo(restarted.stores)).toEqual([sid]);
});

test('an account that leaves a group is reviewed once by all instances [T-GROUP-01]', async () => {
  const [one, two] = [
    await startInstance('one', [fooForStaff, lorem]),
    await startInstance('two', [fooForStaff, lorem]),
  ];
  await addAda(one.stores);
  await one.stores.groups.add('staff', [ADA.id], OPERATOR);
  const sid = await startSession(one.stores);
  await two.stores.groups.remove('staff', [ADA.id], OPERATOR);
  await Promise.all([one.groupReviews.poll(), two.groupReviews.poll()]);
  expect(await noticesForFoo(one.stores)).toEqual([sid]);
  expect(await allRows(one.stores.audit.pages({ kind: 'app access ended', limit: 10 }))).toHaveLength(1);
});
