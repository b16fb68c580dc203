import { expect, onTestFinished, test } from 'vitest';
import { connectTo } from '../../../../../test/support/postgres.ts';
import { CONTEXT, givenStores } from '../contract/given.ts';
import { postgresBackend } from './test-backend.fixture.ts';

const backend = postgresBackend();
const given = givenStores(backend);

test('an audit record can’t be changed, not even by the database’s owner', async () => {
  await given.stores.audit.add({ kind: 'key rotated' }, CONTEXT);
  const client = await connectTo(backend.url(), onTestFinished);
  await expect(client.query("UPDATE audit_record SET kind = 'login failed'")).rejects.toThrow(
    /never changed/,
  );
  expect(await given.detailsOf('key rotated')).toHaveLength(1);
});

test('each table has a primary key, without which logical replication deletes nothing', async () => {
  const client = await connectTo(backend.url(), onTestFinished);
  const { rows } = await client.query(
    `SELECT table_name FROM information_schema.tables AS all_tables
     WHERE table_schema = 'public' AND table_name <> 'samesite_sso_schema' AND NOT EXISTS (
       SELECT FROM information_schema.table_constraints AS key
       WHERE key.table_schema = 'public' AND key.table_name = all_tables.table_name
         AND constraint_type = 'PRIMARY KEY'
     )`,
  );
  expect(rows).toEqual([]);
});

test('text sorts by its bytes in every locale of the database', async () => {
  const client = await connectTo(backend.url(), onTestFinished);
  const { rows } = await client.query(
    `SELECT table_name, column_name FROM information_schema.columns
     WHERE table_schema = 'public' AND data_type = 'text' AND table_name <> 'samesite_sso_schema'
       AND collation_name IS DISTINCT FROM 'C'`,
  );
  expect(rows).toEqual([]);
});
