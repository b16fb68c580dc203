/** The guarantees of `ServiceSecretStore`. */
import { expect, test } from 'vitest';
import type { Given } from './given.ts';

export function serviceSecretContract(given: Given): void {
  test('create a secret of the service once, however many callers propose one', async () => {
    const found = await given.inParallel(10, (each, index) =>
      each.serviceSecrets.findOrCreate('a name', `value ${index}`),
    );
    expect(new Set(found).size).toBe(1);
    expect(await given.others.serviceSecrets.findOrCreate('a name', 'too late')).toBe(found[0]);
    expect(await given.stores.serviceSecrets.findOrCreate('another name', 'another')).toBe('another');
  });

  test('replace a secret of the service only if it is still the same', async () => {
    const { serviceSecrets } = given.stores;
    const find = (name: string) => given.others.serviceSecrets.findOrCreate(name, 'none');
    for (const name of ['a name', 'another name']) await serviceSecrets.findOrCreate(name, 'old');
    await serviceSecrets.replace('a name', 'old', 'new');
    await serviceSecrets.replace('a name', 'old', 'too late');
    expect(await find('a name')).toBe('new');
    expect(await find('another name')).toBe('old');
  });
}
