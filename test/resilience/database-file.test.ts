/**
 * A database whose file goes away or becomes another, under real processes. They would go on writing into what nobody
 * will ever read, so they serve nobody then, and say so: until their own file is back, or they are started anew.
 */
import { copyFileSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgram } from '../support/sso/run-program.ts';
import { isSound, tellsWhatIs } from './invariants.ts';
import { type RunningSite, runningSite } from './site.ts';
import {
  atOnce,
  bystander,
  expectAppToRecover,
  expectSsoToRecover,
  healthOf,
  outcomeOf,
} from './unwritable.ts';

const UNAVAILABLE = [503, 'unavailable'];

/** Within a second, and without a request that would make it notice. */
const expectNotReady = (party: RunningSite['sso']) =>
  expect.poll(() => healthOf(party), { timeout: 1000, interval: 50 }).toEqual([200, 503]);

test('a file that is moved away and comes back is served again at once, by the SSO service and by an app', async () => {
  const site = await runningSite({ environment: { sso: { SSO_TOKEN_SECONDS: '3600' } } });
  const { sso, foo } = site;
  const someone = await bystander(site);
  for (const name of ['sso', 'foo'] as const) {
    renameSync(site.databaseOf(name), `${site.databaseOf(name)}.away`);
    await expectNotReady(site[name]);
  }
  expect(outcomeOf(await atOnce(someone.person.status()))).toEqual(UNAVAILABLE);
  expect(outcomeOf(await atOnce(someone.person.logOut()))).toEqual(UNAVAILABLE);
  expect(outcomeOf(await atOnce(someone.person.sessionAt(foo)))).toEqual(UNAVAILABLE);
  expect(sso.log().join('\n')).toContain('is gone, or is another by now');
  for (const name of ['sso', 'foo'] as const) {
    renameSync(`${site.databaseOf(name)}.away`, site.databaseOf(name));
  }
  await expect.poll(() => healthOf(foo)).toEqual([200, 200]);
  await expectSsoToRecover(site, someone);
  await expectAppToRecover(site, someone.person);
});

test('a file that is replaced or damaged is served by nobody, until a backup is in its place and it is started anew', async () => {
  const site = await runningSite();
  const { sso, folder } = site;
  const { person } = await bystander(site);
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
  expect(outcomeOf(await atOnce(person.status()))).toEqual(UNAVAILABLE);
  expect(outcomeOf(await atOnce(site.person().logIn()))).toEqual(UNAVAILABLE);
  await sso.stop();
  await sso.start();
  await expectStateOfBackup();

  truncateSync(database);
  await expect.poll(async () => outcomeOf(await person.status()), { timeout: 1000 }).toEqual(UNAVAILABLE);
  expect(await healthOf(sso)).toEqual([200, 503]);
  await sso.kill();
  // As docs/operations.md says.
  for (const each of [database, `${database}-wal`, `${database}-shm`]) rmSync(each, { force: true });
  copyFileSync(backup, database);
  await sso.start();
  await expectStateOfBackup();

  async function expectStateOfBackup(): Promise<void> {
    expect(await healthOf(sso)).toEqual([200, 200]);
    expect((await person.status()).body).toMatchObject({ status: 'signed in' });
    expect((await later.status()).body).toEqual({ status: 'signed out' });
    isSound(database);
    tellsWhatIs(database);
  }
});
