/** The guarantees of `RegistryStore`. */
import { expect, test } from 'vitest';
import { FOO, type Given, LOREM, NOW } from './given.ts';

const foo = { origin: FOO, name: 'Foo', server: 'http://127.0.0.1:4001' };
const lorem = { origin: LOREM, name: 'Lorem', server: LOREM };
const loadedBy = (instance: string, apps = [foo], loadedAt = NOW) => ({ instance, apps, loadedAt });

export function registryContract(given: Given): void {
  test('keep what an instance has loaded, until it loads something else or stops', async () => {
    const [registry, other] = [given.stores.registry, given.others.registry];
    expect(await registry.find(0)).toEqual([]);
    await registry.record(loadedBy('one'), NOW);
    expect(await other.find(NOW)).toEqual([loadedBy('one')]);
    await registry.record(loadedBy('one', [lorem], NOW + 1), NOW + 2);
    expect(await other.find(NOW + 2)).toEqual([loadedBy('one', [lorem], NOW + 1)]);
    await registry.clear('another');
    expect(await other.find(0)).toHaveLength(1);
    await registry.clear('one');
    expect(await other.find(0)).toEqual([]);
  });

  test('find only the instances that have been running since a time', async () => {
    await given.stores.registry.record(loadedBy('one'), NOW);
    expect(await given.others.registry.find(NOW + 1)).toEqual([]);
    await given.stores.registry.record(loadedBy('one'), NOW + 60_000);
    expect(await given.others.registry.find(NOW + 1)).toEqual([loadedBy('one')]);
  });

  test('keep one record per instance, however many record in parallel', async () => {
    const instances = Array.from({ length: 10 }, (_, index) => `instance ${index}`);
    await given.inParallel(20, (stores, index) =>
      stores.registry.record(loadedBy(instances[index % 10] ?? '', [foo, lorem], NOW), NOW),
    );
    const found = await given.stores.registry.find(NOW);
    expect(found.map(({ instance }) => instance)).toEqual(
      // A database that one instance uses at a time keeps only the last record.
      given.isShared ? instances : [expect.stringMatching(/^instance \d$/)],
    );
    for (const instance of instances) await given.stores.registry.clear(instance);
    expect(await given.others.registry.find(0)).toEqual([]);
  });

  test('forget an instance that was killed after an hour', async () => {
    await given.stores.registry.record(loadedBy('killed'), NOW);
    await given.others.registry.record(loadedBy('alive'), NOW + 3_600_001);
    expect(await given.stores.registry.find(0)).toEqual([loadedBy('alive')]);
  });

  test('know the last server of every app that was ever loaded', async () => {
    const [registry, other] = [given.stores.registry, given.others.registry];
    expect(await registry.servers()).toEqual(new Map());
    await registry.record(loadedBy('one', [foo, lorem]), NOW);
    const moved = { ...foo, server: 'http://127.0.0.1:5001' };
    await registry.record(loadedBy('one', [moved], NOW + 1), NOW + 1);
    await registry.record(loadedBy('one', [], NOW + 2), NOW + 2);
    await registry.clear('one');
    expect(await other.servers()).toEqual(
      new Map([
        [FOO, moved.server],
        [LOREM, lorem.server],
      ]),
    );
  });

  test('keep a newer server when an instance that has an older registry records that again', async () => {
    const moved = { ...foo, server: 'http://127.0.0.1:5001' };
    await given.stores.registry.record(loadedBy('new', [moved], NOW + 1), NOW + 1);
    await given.others.registry.record(loadedBy('old', [foo], NOW), NOW + 60_000);
    expect(await given.stores.registry.servers()).toEqual(new Map([[FOO, moved.server]]));
  });
}
