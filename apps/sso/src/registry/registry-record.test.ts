import { hostname } from 'node:os';
import { HttpProblem } from '@samesite-sso/core';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FOO, LOREM } from '../../../../test/support/sso/test-service.ts';
import { emptyDatabase } from '../administration/administration.fixture.ts';
import { openSqliteStores } from '../storage/sqlite/open-stores.ts';
import { followedRegistry, foo, lorem } from './followed-registry.fixture.ts';
import { nameInstance, RegistryRecord } from './registry-record.ts';

async function recorded() {
  const followed = await followedRegistry([foo]);
  const { registry: store, close } = openSqliteStores(emptyDatabase());
  onTestFinished(close);
  const record = vi.spyOn(store, 'record');
  const registryRecord = new RegistryRecord('one', store, followed.registry, () => followed.clock.now);
  await registryRecord.poll();
  return { ...followed, store, record, registryRecord };
}

test('what an instance has loaded is recorded at the start, and again each minute', async () => {
  const { store, record, registryRecord, clock } = await recorded();
  expect(await store.find(0)).toEqual([{ instance: 'one', apps: [foo], loadedAt: 1000 }]);
  clock.now += 59_999;
  await registryRecord.poll();
  expect(record).toHaveBeenCalledTimes(1);
  clock.now += 1;
  await registryRecord.poll();
  expect(record).toHaveBeenCalledTimes(2);
  expect(await store.find(clock.now)).toHaveLength(1);
  clock.now -= 3_600_000; // The clock is set back.
  await registryRecord.poll();
  expect(record).toHaveBeenCalledTimes(3);
});

test('a change of the registry is recorded at the next poll', async () => {
  const { store, registryRecord, clock, write, poll } = await recorded();
  write([foo, lorem]); // Within the same millisecond.
  await poll();
  await registryRecord.poll();
  expect(await store.find(0)).toEqual([{ instance: 'one', apps: [foo, lorem], loadedAt: 1000 }]);
  expect([...(await store.servers()).keys()].sort()).toEqual([FOO, LOREM].sort());
  write([lorem, foo]); // That it was read again is recorded, too.
  clock.now += 10;
  await poll();
  await registryRecord.poll();
  expect(await store.find(0)).toMatchObject([{ instance: 'one', loadedAt: 1010 }]);
});

test('a change during a record is recorded at the next poll', async () => {
  const { store, record, registryRecord, write, poll } = await recorded();
  write([foo, lorem]);
  await poll();
  record.mockImplementationOnce(async () => {
    write([lorem]);
    await poll();
  });
  await registryRecord.poll();
  await registryRecord.poll();
  expect(await store.find(0)).toMatchObject([{ apps: [lorem] }]);
});

test('a record that couldn’t be written is written at the next poll', async () => {
  const { store, record, registryRecord, clock, write, poll } = await recorded();
  write([lorem]);
  clock.now += 10;
  await poll();
  record.mockRejectedValueOnce(new HttpProblem('unavailable'));
  await expect(registryRecord.poll()).rejects.toThrow(HttpProblem);
  await registryRecord.poll();
  expect(await store.find(0)).toMatchObject([{ apps: [lorem] }]);
});

test('an instance that stops removes its record', async () => {
  const { store, registryRecord } = await recorded();
  await registryRecord.clear();
  expect(await store.find(0)).toEqual([]);
});

test('each run of the service has a name of its own, with its host and process', () => {
  const name = nameInstance();
  expect(name.startsWith(`${hostname()}/${process.pid}/`)).toBe(true);
  expect(nameInstance()).not.toBe(name);
});
