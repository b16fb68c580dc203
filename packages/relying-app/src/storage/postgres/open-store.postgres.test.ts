import { beforeAll, test } from 'vitest';
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
