import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { afterAllTests } from '../../../../../test/support/at-end.ts';
import { runOn } from '../../../../../test/support/postgres.ts';
import { type PostgresOptions, postgresOptions } from '../../postgres-app.fixture.ts';
import { storeContract } from '../contract/index.ts';
import { openStore } from '../open-store.ts';

const TABLES = 'app_session, replaced_session, logout_token, site_sign_out, ended_session';

const atEnd = afterAllTests();
let options: PostgresOptions;

beforeAll(async () => {
  options = await postgresOptions(atEnd);
  await (await openStore(options)).store.close();
});

test.each(storeContract)('in PostgreSQL, $title', async ({ run }) => {
  // Faster than a database for each test.
  await runOn(options.database, `TRUNCATE ${TABLES}`);
  await run(async () => (await openStore(options)).store);
});

test('a session of an instance of the previous version meets no demand, and a logout ends it', async () => {
  await runOn(
    options.database,
    `INSERT INTO app_session
       (token_hash, sid, account_id, username, display_name, started_at, ends_at, sso_ends_at)
     VALUES ('\\x01', 's1', 'a1', 'ada', 'Ada Lovelace', 1, 1000, 1000)`,
  );
  const { store } = await openStore(options);
  onTestFinished(() => store.close());
  const weakest = { authenticatedAt: 0, amr: ['pwd'], groups: [] };
  const tokenHash = Buffer.from([1]);
  expect(await store.sessions.find(tokenHash, 500)).toMatchObject({ sid: 's1', ...weakest });
  await store.sessions.endBySid({ sid: 's1', jti: 'j1', issuedAt: 1 }, 500);
  expect(await store.sessions.find(tokenHash, 500)).toBeNull();
});
