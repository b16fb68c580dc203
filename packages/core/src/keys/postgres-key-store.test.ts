import { expect, it, onTestFinished, vi } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import type { PostgresDatabase } from '../database/postgres/postgres-database.ts';
import { keyStoreIn, newSealingKey, sealingKeyFile } from './postgres-keys.fixture.ts';

it('keys in a database are read again every 5 s, so that every instance sees a rotation', async () => {
  const query = vi.fn(async () => ({ rows: [{ now: 0, kid: null, sealedKey: null }], count: 1 }));
  const database = { query, transact: vi.fn() } as unknown as PostgresDatabase;
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const store = keyStoreIn(database, sealingKeyFile(temporaryFolder(), newSealingKey()));
  const followed = await store.follow(() => {});
  onTestFinished(() => followed.close());
  await vi.advanceTimersByTimeAsync(4999);
  expect(query).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(query).toHaveBeenCalledTimes(2);
});
