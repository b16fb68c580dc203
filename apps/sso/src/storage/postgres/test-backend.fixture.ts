/** Gives each test of the contract suites empty tables. Creating a database takes longer than most tests. */
import { parsePostgresUrl } from '@samesite-sso/core';
import { beforeAll, expect } from 'vitest';
import { afterAllTests } from '../../../../../test/support/at-end.ts';
import { postgresUrl, runOn } from '../../../../../test/support/postgres.ts';
import type { Backend } from '../contract/given.ts';
import { openPostgresStores } from './open-stores.ts';

const EMPTY_ALL_TABLES = `
  DROP FUNCTION IF EXISTS refuse CASCADE;
  DO $$ BEGIN
    EXECUTE (SELECT 'TRUNCATE ' || string_agg(format('%I', tablename), ', ') || ' RESTART IDENTITY'
      FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'samesite_sso_schema');
  END $$`;

/** Creates a database for all tests of a file. Its tables are emptied when a test first opens them. */
export function postgresBackend(): Backend & { url: () => string } {
  const atEnd = afterAllTests();
  let url = '';
  let lastTest: string | undefined;
  beforeAll(async () => {
    url = await postgresUrl(atEnd);
    await (await openPostgresStores(parsePostgresUrl(url))).close();
  });

  return {
    url: () => url,
    isShared: true,
    async open() {
      const { currentTestName: test } = expect.getState();
      if (test !== lastTest) await runOn(url, EMPTY_ALL_TABLES);
      lastTest = test;
      return await openPostgresStores(parsePostgresUrl(url));
    },
    async refuseToEnd(sid) {
      const script = `
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'refused by a test'; END $$;
        CREATE TRIGGER refuse_to_end BEFORE DELETE ON sso_session FOR EACH ROW
          WHEN (OLD.sid = '${sid}') EXECUTE FUNCTION refuse();`;
      await runOn(url, script);
    },
  };
}
