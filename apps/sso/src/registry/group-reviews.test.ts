import { HttpProblem } from '@samesite-sso/core';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { ADA, FOO, OPERATOR } from '../../../../test/support/sso/test-service.ts';
import {
  addAda,
  emptyDatabase,
  noticesForFoo,
  startSession,
} from '../administration/administration.fixture.ts';
import { openSqliteStores } from '../storage/sqlite/open-stores.ts';
import type { Stores } from '../storage/stores.ts';
import { foo, lorem } from './followed-registry.fixture.ts';
import { GroupReviews } from './group-reviews.ts';

const fooForStaff = { ...foo, groups: ['admins', 'staff'] };

let stores: Stores;

beforeEach(async () => {
  stores = openSqliteStores(emptyDatabase());
  onTestFinished(() => stores.close());
  await addAda(stores);
  await stores.groups.add('staff', [ADA.id], OPERATOR);
});

function reviewsWith(apps = [fooForStaff, lorem]) {
  const log = { info: vi.fn() };
  const registry = { apps };
  return {
    registry,
    log,
    reviews: new GroupReviews({ registry, groups: stores.groups, clock: Date.now, log }),
  };
}

const leave = (group = 'staff') => stores.groups.remove(group, [ADA.id], OPERATOR);

test('an account that leaves its last group of an app loses the app [T-GROUP-01]', async () => {
  const { reviews, log } = reviewsWith();
  const sids = [await startSession(stores), await startSession(stores)];
  await reviews.poll();
  expect(await noticesForFoo(stores)).toEqual([]);
  await leave();
  await reviews.poll();
  expect((await noticesForFoo(stores)).toSorted()).toEqual(sids.toSorted());
  expect(log.info.mock.calls).toEqual([
    [{ accountId: ADA.id, appSessions: 2 }, 'access of a former group member has ended'],
  ]);
  const isActive = await Promise.all(sids.map((sid) => stores.sessions.findBySid(sid)));
  expect(isActive).not.toContain(null);
});

test('an account that stays in another group of the app loses nothing', async () => {
  const { reviews, log } = reviewsWith();
  await startSession(stores);
  await stores.groups.add('admins', [ADA.id], OPERATOR);
  await leave();
  await reviews.poll();
  expect(await noticesForFoo(stores)).toEqual([]);
  expect(log.info).not.toHaveBeenCalled();
});

test('a review uses the registry as it is at that moment', async () => {
  const { reviews, registry } = reviewsWith([foo, lorem]);
  const sid = await startSession(stores);
  await leave();
  await reviews.poll();
  expect(await noticesForFoo(stores)).toEqual([]);
  registry.apps = [fooForStaff];
  await stores.groups.add('staff', [ADA.id], OPERATOR);
  await leave();
  await reviews.poll();
  expect(await noticesForFoo(stores)).toEqual([sid]);
});

test('all accounts are reviewed, however many have left', async () => {
  const accounts = Array.from({ length: 60 }, (_, index) => `account ${index}`);
  await stores.accounts.add(
    accounts.map((id) => ({ id, username: id, usernameKey: id, displayName: id, passwordHash: 'hash' })),
    OPERATOR,
  );
  await stores.groups.add('staff', accounts, OPERATOR);
  await stores.groups.remove('staff', accounts, OPERATOR);
  expect(await stores.groups.findUnreviewed(1000)).toHaveLength(60);
  await reviewsWith().reviews.poll();
  expect(await stores.groups.findUnreviewed(1000)).toEqual([]);
});

test('a review that failed is done at the next poll', async () => {
  const { reviews } = reviewsWith();
  const sid = await startSession(stores);
  await leave();
  vi.spyOn(stores.groups, 'review').mockRejectedValueOnce(new HttpProblem('unavailable'));
  await expect(reviews.poll()).rejects.toThrow(HttpProblem);
  await reviews.poll();
  expect(await noticesForFoo(stores)).toEqual([sid]);
});

test('a service that stops leaves the reviews to the next start', async () => {
  const { reviews } = reviewsWith();
  await startSession(stores);
  await leave();
  reviews.stop();
  await reviews.poll();
  expect(await stores.groups.findUnreviewed(10)).toEqual([ADA.id]);
  expect(await stores.sessions.endAtApp(FOO, OPERATOR), 'its session was still there').toBe(1);
});
