/** A server that can be read but not written: a standby after a fail-over, or one with a full disk. */
import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import {
  alterDatabase,
  postgresUrl,
  runOn,
  runOnServer,
  terminateOthers,
} from '../../../../../test/support/postgres.ts';
import {
  expectRecovery,
  names,
  openDatabase,
  outcomeOf,
  rename,
  renameByWrite,
} from './postgres-database.fixture.ts';

it('a read-only server can be read, and is ready once it takes a write again [T-OUTAGE-08]', async () => {
  const url = await postgresUrl();
  const database = await openDatabase(url);
  await alterDatabase(url, 'SET default_transaction_read_only = on');
  await terminateOthers(url);
  await expect.poll(() => names(database)).toEqual(['one', 'two']);
  expect(await outcomeOf(renameByWrite(database, 'new'))).toMatch(/^unavailable: 25006/);
  expect(await outcomeOf(rename(database, 'new'))).toMatch(/^unavailable: 25006/);
  expect(await database.isReady()).toBe(false);
  await alterDatabase(url, 'RESET default_transaction_read_only');
  await expectRecovery(database);
});

it('a server with a full disk is ready once it takes a write again', async () => {
  const url = await postgresUrl();
  const database = await openDatabase(url);
  await runOn(url, FULL_DISK);
  expect(await outcomeOf(renameByWrite(database, 'new'))).toMatch(/^unavailable: 53100/);
  expect(await database.isReady()).toBe(false);
  await runOn(url, 'DROP FUNCTION fill_disk CASCADE');
  await expectRecovery(database);
});

it('a role that may create no temporary tables is ready again after a failure, too', async () => {
  const role = `test_${randomUUID().replaceAll('-', '')}`;
  onTestFinished(async () => void (await runOnServer(`DROP ROLE ${role}`)));
  const url = new URL(await postgresUrl());
  await runOnServer(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  await runOnServer(`REVOKE TEMPORARY ON DATABASE ${url.pathname.slice(1)} FROM PUBLIC`);
  await runOn(url.href, `GRANT CREATE ON SCHEMA public TO ${role}`);
  const ofRole = new URL(url);
  [ofRole.username, ofRole.password] = [role, 'secret'];
  await expect(runOn(ofRole.href, 'CREATE TEMPORARY TABLE item ()')).rejects.toThrow('permission denied');
  const database = await openDatabase(ofRole.href);
  await alterDatabase(url.href, 'SET default_transaction_read_only = on');
  await terminateOthers(url.href);
  expect(await outcomeOf(renameByWrite(database, 'new'))).toContain('unavailable');
  await alterDatabase(url.href, 'RESET default_transaction_read_only');
  await terminateOthers(url.href);
  await expectRecovery(database);
});

const FULL_DISK = `
  CREATE FUNCTION fill_disk() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN RAISE SQLSTATE '53100' USING MESSAGE = 'could not extend file'; END $$;
  CREATE TRIGGER full_disk BEFORE UPDATE ON item EXECUTE FUNCTION fill_disk();
  CREATE TRIGGER full_disk BEFORE UPDATE ON samesite_sso_schema EXECUTE FUNCTION fill_disk()`;
