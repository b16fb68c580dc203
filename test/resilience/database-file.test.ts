/**
 * A database file that is moved away or replaced under a running process. The process would go on writing to
 * a file that nobody can open any longer, so it refuses requests and isn't ready until the file is back or
 * the process is restarted.
 */
import { copyFileSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type RunningSite, runningSite } from '../support/process-site.ts';
import { runProgram } from '../support/sso/run-program.ts';
import { expectIntegrity, expectTrueAuditTrail } from './invariants.ts';
import {
  expectAppToRecover,
  expectSsoToRecover,
  healthOf,
  outcomeOf,
  signInPerson,
  withinOneSecond,
} from './read-only-database.ts';

const UNAVAILABLE = [503, 'unavailable'];

/** Within a second, without a request that uses the database. */
const expectNotReady = (party: RunningSite['sso']) =>
  expect.poll(() => healthOf(party), { timeout: 1000, interval: 50 }).toEqual([200, 503]);

test('a database that was moved away and back is used again at once', async () => {
  const site = await runningSite({ environment: { sso: { SSO_TOKEN_SECONDS: '3600' } } });
  const { sso, foo } = site;
  const someone = await signInPerson(site);
  for (const name of ['sso', 'foo'] as const) {
    renameSync(site.databaseOf(name), `${site.databaseOf(name)}.away`);
    await expectNotReady(site[name]);
  }
  expect(outcomeOf(await withinOneSecond(someone.person.loginStatus()))).toEqual(UNAVAILABLE);
  expect(outcomeOf(await withinOneSecond(someone.person.logOut()))).toEqual(UNAVAILABLE);
  expect(outcomeOf(await withinOneSecond(someone.person.appSession(foo)))).toEqual(UNAVAILABLE);
  expect(sso.log().join('\n')).toContain('was moved, deleted or replaced');
  for (const name of ['sso', 'foo'] as const) {
    renameSync(`${site.databaseOf(name)}.away`, site.databaseOf(name));
  }
  await expect.poll(() => healthOf(foo)).toEqual([200, 200]);
  await expectSsoToRecover(site, someone);
  await expectAppToRecover(site, someone.person);
});

test('a replaced or damaged database isn’t used until a backup is restored [T-OUTAGE-05]', async () => {
  const site = await runningSite();
  const { sso, folder } = site;
  const { person } = await signInPerson(site);
  const database = site.databaseOf('sso');
  const backup = join(folder, 'backup.sqlite');
  const administrate = (...command: string[]) => runProgram('cli.ts', command, { SSO_DATABASE: database });
  expect(await administrate('backup', backup)).toMatchObject({ status: 0 });
  const later = site.person();
  await later.logIn();

  const replacement = join(folder, 'replacement.sqlite');
  copyFileSync(backup, replacement);
  renameSync(replacement, database);
  await expectNotReady(sso);
  expect(outcomeOf(await withinOneSecond(person.loginStatus()))).toEqual(UNAVAILABLE);
  expect(outcomeOf(await withinOneSecond(site.person().logIn()))).toEqual(UNAVAILABLE);
  await restore();
  await expectStateOfBackup();

  truncateSync(database);
  await expect
    .poll(async () => outcomeOf(await person.loginStatus()), { timeout: 1000 })
    .toEqual(UNAVAILABLE);
  expect(await healthOf(sso)).toEqual([200, 503]);
  await restore();
  await expectStateOfBackup();

  async function restore(): Promise<void> {
    // As docs/operations.md says.
    await sso.end('SIGKILL');
    for (const each of [database, `${database}-wal`, `${database}-shm`]) rmSync(each, { force: true });
    copyFileSync(backup, database);
    await sso.start();
  }

  async function expectStateOfBackup(): Promise<void> {
    expect(await healthOf(sso)).toEqual([200, 200]);
    expect((await person.loginStatus()).body).toMatchObject({ status: 'signed in' });
    expect((await later.loginStatus()).body).toEqual({ status: 'signed out' });
    expectIntegrity(database);
    expectTrueAuditTrail(database);
  }
});
