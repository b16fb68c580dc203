/** The guarantees of `LoadedRegistryStore`. */
import { expect, test } from 'vitest';
import { FOO, type Given, LOREM, NOW } from './given.ts';

export function loadedRegistryContract(given: Given): void {
  const apps = [{ origin: FOO, name: 'Foo', server: 'http://127.0.0.1:4001' }];
  const others = [{ origin: LOREM, name: 'Lorem', server: LOREM }];

  test('keep the registry of the service that started last, until it stops', async () => {
    const [registry, other] = [given.stores.loadedRegistry, given.others.loadedRegistry];
    expect(await registry.find()).toBeNull();
    await registry.record('one', apps, NOW);
    expect(await other.find()).toEqual({ apps, loadedAt: NOW });
    await other.record('another', others, NOW + 1);
    await registry.clear('one');
    expect(await registry.find()).toEqual({ apps: others, loadedAt: NOW + 1 });
    await other.clear('another');
    expect(await registry.find()).toBeNull();
  });

  test('keep one registry, however many services start in parallel', async () => {
    await given.inParallel(10, (stores, index) =>
      stores.loadedRegistry.record(`instance ${index}`, apps, NOW + index),
    );
    expect(await given.stores.loadedRegistry.find()).toMatchObject({ apps });
    for (let index = 0; index < 10; index += 1) await given.stores.loadedRegistry.clear(`instance ${index}`);
    expect(await given.stores.loadedRegistry.find()).toBeNull();
  });
}
