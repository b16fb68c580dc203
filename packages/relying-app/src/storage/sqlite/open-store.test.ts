import { test } from 'vitest';
import { newDatabase } from '../../seeded-session.fixture.ts';
import { storeContract } from '../contract/index.ts';
import { openSqliteStore } from './open-store.ts';

test.each(storeContract)('in SQLite, $title', async ({ run }) => {
  const file = newDatabase();
  await run(async () => openSqliteStore(file));
});
