import { sha256 } from '@samesite-sso/core';
import { expect, onTestFinished, test } from 'vitest';
import { connectTo, runOn } from '../../../../../test/support/postgres.ts';
import {
  ACCOUNT,
  ADA,
  assertionBy,
  CONTEXT,
  FOO,
  givenStores,
  IDLE_SINCE,
  NO_REQUIREMENT,
  NOW,
} from '../contract/given.ts';
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

test('a session of an instance of the previous version counts as signed in when it started', async () => {
  await given.stores.accounts.add([ACCOUNT], CONTEXT);
  const tokenHash = sha256('sid');
  await runOn(
    backend.url(),
    `INSERT INTO sso_session (sid, token_hash, account_id, started_at, last_seen_at, ends_at, user_agent)
     VALUES ('sid', $1, $2, $3, $4, $5, '')`,
    [tokenHash, ADA.id, NOW - 500, NOW, NOW + 5000],
  );
  const session = { sid: 'sid', authenticatedAt: NOW - 500, amr: ['pwd'] };
  expect(await given.stores.sessions.find(tokenHash)).toMatchObject(session);
  for await (const page of given.stores.sessions.pages()) expect(page).toMatchObject([session]);
  const { hash } = await given.issueToken('sid');
  const redeem = given.stores.tokens.redeem(hash, assertionBy(FOO), NO_REQUIREMENT, IDLE_SINCE, CONTEXT);
  expect(await redeem).toMatchObject({ session });
});
