import { SealingKeyError } from '@samesite-sso/core';
import { expect, test } from 'vitest';
import { newSealingKey, sealingKeysOf } from '../../../../test/support/sso/sealing-keys.ts';
import { testService } from '../../../../test/support/sso/test-service.ts';
import type { ServiceSecretStore } from '../storage/stores.ts';
import { openChallengeKey } from './challenge-key.ts';

function memoryStore() {
  const values = new Map<string, string>();
  const store: ServiceSecretStore = {
    async findOrCreate(name, proposed) {
      if (!values.has(name)) values.set(name, proposed);
      return values.get(name) ?? '';
    },
    async replace(name, value, replacement) {
      if (values.get(name) === value) values.set(name, replacement);
    },
  };
  return { store, stored: () => [...values.values()] };
}

test('all instances get the key of the first one', async () => {
  const { store, stored } = memoryStore();
  const [first, second] = [await openChallengeKey(store, null), await openChallengeKey(store, null)];
  expect(first.symmetricKeySize).toBe(32);
  expect(first.equals(second)).toBe(true);
  expect(stored()).toHaveLength(1);
});

test('with a sealing key, the stored key is sealed, also one that was stored before', async () => {
  const { store, stored } = memoryStore();
  const key = await openChallengeKey(store, null);
  const plain = key.export().toString('base64url');
  expect(stored()).toEqual([plain]);
  const [older, newer] = [newSealingKey(), newSealingKey()];
  expect((await openChallengeKey(store, sealingKeysOf([older]))).equals(key)).toBe(true);
  const [sealed = ''] = stored();
  expect(sealed.split('.')).toHaveLength(5);
  expect((await openChallengeKey(store, sealingKeysOf([newer, older]))).equals(key)).toBe(true);
  expect(stored()).not.toEqual([sealed]);
  expect((await openChallengeKey(store, sealingKeysOf([newer]))).equals(key)).toBe(true);
});

test('a service with a sealing key stores the key sealed', async () => {
  const { stores } = await testService({ sealing: sealingKeysOf() });
  const stored = await stores.serviceSecrets.findOrCreate('passkey challenge key', 'nothing was stored');
  expect(stored.split('.')).toHaveLength(5);
});

test('a sealed key isn’t replaced without the sealing key: that would void challenges', async () => {
  const { store, stored } = memoryStore();
  await openChallengeKey(store, sealingKeysOf());
  const before = stored();
  await expect(openChallengeKey(store, null)).rejects.toThrow(SealingKeyError);
  await expect(openChallengeKey(store, sealingKeysOf())).rejects.toThrow(SealingKeyError);
  expect(stored()).toEqual(before);
});
