import { HttpProblem } from '@samesite-sso/core';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { NO_REQUIREMENT } from '../../../../test/support/accounts.ts';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import { ADA, FOO, LOREM, OPERATOR } from '../../../../test/support/sso/test-service.ts';
import {
  addAda,
  emptyDatabase,
  noticesForFoo,
  startSession,
} from '../administration/administration.fixture.ts';
import { openSqliteStores } from '../storage/sqlite/open-stores.ts';
import type { Stores } from '../storage/stores.ts';
import { followedRegistry, foo, lorem } from './followed-registry.fixture.ts';
import { NarrowedAccess } from './narrowed-access.ts';
import type { RegisteredApp } from './read-registry.ts';

const fooForStaff = { ...foo, groups: ['staff'] };
const fooForAdmins = { ...foo, groups: ['admins'] };
const fooForBoth = { ...foo, groups: ['admins', 'staff'] };

let stores: Stores;

beforeEach(async () => {
  stores = openSqliteStores(emptyDatabase());
  onTestFinished(() => stores.close());
  await addAda(stores);
  await stores.groups.add('staff', [ADA.id], OPERATOR);
});

async function withRegistry(apps: RegisteredApp[]) {
  const followed = await followedRegistry(apps);
  const narrowedAccess = new NarrowedAccess({
    registry: followed.registry,
    stores,
    clock: Date.now,
    log: followed.log,
  });
  await narrowedAccess.poll();
  const change = async (apps: RegisteredApp[]) => {
    followed.write(apps);
    await followed.poll();
    followed.log.info.mockClear();
  };
  return { ...followed, narrowedAccess, change };
}

/** From now on, no request from before is in progress any more. */
function letRequestsEnd(): void {
  const later = performance.now() + 3000;
  vi.spyOn(performance, 'now').mockImplementation(() => later);
  onTestFinished(() => void vi.restoreAllMocks());
}

describe('an app whose entry changes', () => {
  test.each<[string, RegisteredApp, RegisteredApp]>([
    ['gets groups', foo, fooForAdmins],
    ['gets other groups', fooForStaff, fooForAdmins],
    ['keeps fewer groups', fooForBoth, fooForAdmins],
    ['requires a second factor', foo, { ...foo, secondFactor: true }],
  ])('and %s loses the sessions that don’t meet it [T-GROUP-03]', async (_how, before, after) => {
    const { narrowedAccess, change, log } = await withRegistry([before, lorem]);
    const sid = await startSession(stores);
    await change([after, lorem]);
    await narrowedAccess.poll();
    expect(await noticesForFoo(stores)).toEqual([sid]);
    expect(log.info.mock.calls).toEqual([
      [{ app: FOO, sessions: 1 }, 'access that an app no longer grants has ended'],
    ]);
    const [record] = await allRows(stores.audit.pages({ kind: 'app access ended', limit: 10 }));
    expect(record).toMatchObject({ actor: 'service', app: FOO, sid });
    expect((await allRows(stores.sessions.pages())).map(({ sid }) => sid)).toEqual([sid]);
  });

  test.each<[string, RegisteredApp, RegisteredApp]>([
    ['other names', fooForStaff, { ...fooForStaff, name: 'Foo 2' }],
    ['more groups', fooForStaff, fooForBoth],
    ['no groups any more', fooForStaff, foo],
    ['a group of everybody who is signed in there', foo, fooForStaff],
    ['no second factor any more', { ...foo, secondFactor: true }, foo],
  ])('to %s keeps all of its sessions', async (_how, before, after) => {
    const { narrowedAccess, change } = await withRegistry([before, lorem]);
    await startSession(stores);
    await change([after, lorem]);
    await narrowedAccess.poll();
    expect(await noticesForFoo(stores)).toEqual([]);
  });

  test('loses a session that a request from before the change gave it afterwards', async () => {
    const { narrowedAccess, change } = await withRegistry([foo, lorem]);
    await change([fooForAdmins, lorem]);
    await narrowedAccess.poll();
    const late = await startSession(stores);
    await narrowedAccess.poll();
    expect(await noticesForFoo(stores)).toEqual([]);
    letRequestsEnd();
    await narrowedAccess.poll();
    expect(await noticesForFoo(stores)).toEqual([late]);
  });

  test('is searched twice: at once, and when no request from before is in progress any more', async () => {
    const { narrowedAccess, change } = await withRegistry([foo, lorem]);
    const endExcluded = vi.spyOn(stores.sessions, 'endExcluded');
    await change([fooForAdmins, lorem]);
    for (let count = 0; count < 3; count += 1) await narrowedAccess.poll();
    expect(endExcluded).toHaveBeenCalledTimes(1);
    letRequestsEnd();
    for (let count = 0; count < 3; count += 1) await narrowedAccess.poll();
    expect(endExcluded).toHaveBeenCalledTimes(2);
  });

  test('is not searched for what an entry required before it changed again', async () => {
    const { narrowedAccess, change } = await withRegistry([foo, lorem]);
    await startSession(stores);
    await change([fooForAdmins, lorem]);
    await change([foo, lorem]);
    await narrowedAccess.poll();
    expect(await noticesForFoo(stores)).toEqual([]);
  });

  test('stops being searched when it changes between two slices', async () => {
    const { narrowedAccess, change } = await withRegistry([foo, lorem]);
    await change([fooForAdmins, lorem]);
    let slices = 0;
    vi.spyOn(stores.sessions, 'endExcluded').mockImplementation(async function* () {
      for (; slices < 10; slices += 1) {
        if (slices === 1) await change([foo, lorem]);
        yield 0;
      }
    });
    await narrowedAccess.poll();
    expect(slices).toBe(1);
  });

  test('loses its sessions even after a failure of the database', async () => {
    const { narrowedAccess, change } = await withRegistry([foo, lorem]);
    const sid = await startSession(stores);
    await change([fooForAdmins, lorem]);
    vi.spyOn(stores.sessions, 'endExcluded').mockImplementationOnce(async function* () {
      yield 0;
      throw new HttpProblem('unavailable');
    });
    await expect(narrowedAccess.poll()).rejects.toThrow(HttpProblem);
    await narrowedAccess.poll();
    expect(await noticesForFoo(stores)).toEqual([sid]);
  });

  test('is left to the next start by a service that stops', async () => {
    const { narrowedAccess, change } = await withRegistry([foo, lorem]);
    await change([fooForAdmins, lorem]);
    narrowedAccess.stop();
    let slices = 0;
    vi.spyOn(stores.sessions, 'endExcluded').mockImplementation(async function* () {
      while (slices < 10) {
        slices += 1;
        yield 0;
      }
    });
    await narrowedAccess.poll();
    expect(slices).toBe(0);
  });
});

test('an app that is removed and added again with groups loses the sessions that don’t meet it', async () => {
  const { narrowedAccess, change } = await withRegistry([foo, lorem]);
  const sid = await startSession(stores);
  await change([lorem]);
  await change([fooForAdmins, lorem]);
  await narrowedAccess.poll();
  expect(await noticesForFoo(stores)).toEqual([sid]);
});

describe('an app whose entry changed while no service was running', () => {
  test('loses the sessions that don’t meet it at the start [T-GROUP-03]', async () => {
    const sid = await startSession(stores);
    const { narrowedAccess } = await withRegistry([fooForAdmins, lorem]);
    expect(await noticesForFoo(stores)).toEqual([sid]);
    const endExcluded = vi.spyOn(stores.sessions, 'endExcluded');
    await narrowedAccess.poll();
    expect(endExcluded).not.toHaveBeenCalled();
  });

  test('waits for an instance that lets others in, whose registry may be newer', async () => {
    const apps = [{ ...foo, ...NO_REQUIREMENT }, lorem];
    const record = (apps: RegisteredApp[]) =>
      stores.registry.record({ instance: 'another', apps, loadedAt: Date.now() }, Date.now());
    await record(apps);
    const sid = await startSession(stores);
    const { narrowedAccess } = await withRegistry([fooForAdmins, lorem]);
    await narrowedAccess.poll();
    expect(await noticesForFoo(stores)).toEqual([]);
    await record([fooForAdmins, lorem]);
    const later = performance.now() + 10_000;
    vi.spyOn(performance, 'now').mockImplementation(() => later);
    onTestFinished(() => void vi.restoreAllMocks());
    await narrowedAccess.poll();
    expect(await noticesForFoo(stores)).toEqual([sid]);
  });

  test('is searched when the database can be read again', async () => {
    const sid = await startSession(stores);
    vi.spyOn(stores.registry, 'find').mockRejectedValueOnce(new HttpProblem('unavailable'));
    const followed = await followedRegistry([fooForAdmins]);
    const { registry, log } = followed;
    const narrowedAccess = new NarrowedAccess({ registry, stores, clock: Date.now, log });
    await expect(narrowedAccess.poll()).rejects.toThrow(HttpProblem);
    await narrowedAccess.poll();
    expect(await noticesForFoo(stores)).toEqual([sid]);
    expect(await allRows(stores.audit.pages({ kind: 'app access ended', limit: 10 }))).toHaveLength(1);
    expect((await stores.logoutNotices.due(LOREM, 'a test', Date.now(), 10)).length).toBe(0);
  });
});
