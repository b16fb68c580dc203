/**
 * A database that is locked, full, or read-only under real processes. Nothing hangs, no change is
 * half done, and everything works again as soon as the database does. See also database-file.test.ts.
 */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ADA } from '../support/browser.ts';
import { type RunningSite, runningSite } from '../support/process-site.ts';
import { expectIntegrity, expectTrueAuditTrail } from './invariants.ts';
import {
  expectAppToRecover,
  expectAppToRefuse,
  expectSsoToRecover,
  expectSsoToRefuse,
  healthOf,
  outcomeOf,
  signInPerson,
  withinOneSecond,
  withinStep4,
} from './read-only-database.ts';
import { canMount, tinyDisk } from './tiny-disk.ts';

/** Whether {@link withholdWrites} works on this machine. */
const canLimit = succeeds(() => limit(process.pid, []));

/** @returns a function that lets the process write again */
function withholdWrites(pid: number | null): () => void {
  limit(pid, ['--fsize=0:unlimited']);
  return () => limit(pid, ['--fsize=unlimited:unlimited']);
}

function limit(pid: number | null, limits: readonly string[]): void {
  execFileSync('prlimit', ['--pid', String(pid), ...limits], { stdio: 'pipe' });
}

function succeeds(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

/** Tokens that outlive the outage, so that nothing is refused because it expired. */
const LONG_TOKENS = { sso: { SSO_TOKEN_SECONDS: '3600' } };
const LOCKED_MS = 10_000;

if (!canMount) console.log('SKIPPED: full and read-only disks need the privilege to mount one.');
if (!canLimit) console.log('SKIPPED: disks that refuse writes need prlimit(1).');

/** Holds the lock in the test's process, not one of the site's. @returns a function that releases it */
function holdLock(file: string): () => void {
  const database = new Sqlite(file);
  onTestFinished(() => void database.close());
  database.exec('BEGIN EXCLUSIVE');
  return () => void database.exec('ROLLBACK');
}

test('the SSO service responds while another process locks its database for 10 s [T-OUTAGE-03]', async () => {
  const site = await runningSite({ environment: LONG_TOKENS });
  const someone = await signInPerson(site);
  expect(await healthOf(site.sso)).toEqual([200, 200]);
  const releaseLock = holdLock(site.databaseOf('sso'));
  const until = performance.now() + LOCKED_MS;
  // While failures can't be counted, no password is checked, not even the right one.
  for (const password of ['a guess', ADA.password]) {
    expect(outcomeOf(await withinOneSecond(site.person().logIn({ password })))).toEqual([503, 'unavailable']);
  }
  while (performance.now() < until) {
    await expectSsoToRefuse(site, someone);
    await pause(500);
  }
  const many = Array.from({ length: 200 }, () => someone.person.authenticationToken());
  expect(await healthOf(site.sso)).toEqual([200, 503]);
  expect(new Set((await Promise.all(many)).map(({ status }) => status))).toEqual(new Set([503]));
  releaseLock();
  await expectSsoToRecover(site, someone);
});

test('an app responds while its database is locked, and logs people out later [T-OUTAGE-03]', async () => {
  const site = await runningSite();
  const someone = await signInPerson(site);
  const releaseLock = holdLock(site.databaseOf('foo'));
  await expectAppToRefuse(site, someone.person);
  const leaving = someone.person.copy();
  await someone.person.logOut();
  await expect.poll(() => messagesOf(site)).toContain('logout not delivered');
  expect((await withinOneSecond(leaving.appSession(site.foo))).body).toMatchObject({ status: 'signed in' });
  releaseLock();
  await expect
    .poll(async () => (await leaving.appSession(site.foo)).body, { timeout: 15_000 })
    .toEqual({ status: 'signed out' });
  await someone.person.logIn();
  await expectAppToRecover(site, someone.person);
});

test.skipIf(!canMount)(
  'on a full disk, which also holds the logs, every change is made completely or not at all [T-OUTAGE-04]',
  async () => {
    const disk = tinyDisk();
    const site = await runningSite({ environment: LONG_TOKENS, folder: disk.folder });
    const { sso, foo, ipsum } = site;
    const { person, tokens } = await signInPerson(site);
    const leaving = person.copyWithoutApps();
    await leaving.signInAt(foo);
    disk.fill();
    // The database has some free pages left.
    await expect.poll(async () => (await withinOneSecond(person.authenticationToken())).status).toBe(503);
    // Their log lines need more than the log file's last block.
    for (let times = 0; times < 40; times += 1) {
      expect((await withinOneSecond(person.loginStatus())).status).toBe(200);
      expect((await withinOneSecond(person.appSession(foo))).status).toBe(200);
    }
    for (const party of [sso, foo]) expect((await healthOf(party))[0]).toBe(200);
    expect((await withinOneSecond(person.loginStatus())).body).toMatchObject({ status: 'signed in' });
    expect((await withinOneSecond(person.appSession(foo))).body).toMatchObject({ status: 'signed in' });
    const answers = [
      await site.person().logIn(),
      await withinOneSecond(ipsum.introspect(sso, tokens.ipsum)),
      await withinStep4(person.copyWithoutApps().redeem(foo, tokens.foo)),
      await leaving.signOutAt(foo),
    ];
    for (const { status } of answers) expect([200, 201, 503]).toContain(status);
    expect(answers.map(({ status }) => status)).toContain(503);

    disk.free();
    await expect.poll(() => healthOf(sso), { timeout: 5000 }).toEqual([200, 200]);
    const isSpent = answers[1]?.status === 200;
    expect((await ipsum.introspect(sso, tokens.ipsum)).body['active']).toBe(!isSpent);
    const isSignedOut = answers[3]?.status === 200;
    expect((await leaving.appSession(foo)).body['status']).toBe(isSignedOut ? 'signed out' : 'signed in');
    expect((await site.person().logIn()).status).toBe(200);
    await expectAppToRecover(site, person);
    expectTrueAuditTrail(site.databaseOf('sso'));
    expectIntegrity(site.databaseOf('sso'));
  },
);

test.skipIf(!canLimit)(
  'a disk that refuses writes stops no process, and is written to again when it accepts them [T-OUTAGE-03]',
  async () => {
    const site = await runningSite({ environment: LONG_TOKENS });
    const someone = await signInPerson(site);
    const giveBackToApp = withholdWrites(site.foo.pid);
    await expectAppToRefuse(site, someone.person);
    giveBackToApp();
    await expectAppToRecover(site, someone.person);

    const giveBackToSso = withholdWrites(site.sso.pid);
    await expectSsoToRefuse(site, someone);
    giveBackToSso();
    await expectSsoToRecover(site, someone);
  },
);

test.skipIf(!canMount)(
  'on a read-only disk no process starts, and each prints the reason [T-OUTAGE-03]',
  async () => {
    const disk = tinyDisk();
    const [ssoDatabase, fooDatabase] = [join(disk.folder, 'sso.db'), join(disk.folder, 'foo.db')];
    const site = await runningSite({
      environment: { sso: { SSO_DATABASE: ssoDatabase }, foo: { APP_DATABASE: fooDatabase } },
    });
    await Promise.all([site.sso.stop(), site.foo.stop()]);
    disk.makeReadOnly();
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => said.mockRestore());
    for (const [name, file] of [
      ['sso', ssoDatabase],
      ['foo', fooDatabase],
    ] as const) {
      await expect(site[name].start()).rejects.toThrow(`${name} ended with status 1`);
      expect(said.mock.calls.flat().join('')).toContain(`${file} can't be used as a database: EROFS`);
    }
  },
);

function messagesOf({ sso }: RunningSite): string[] {
  return sso.log().map((line) => (JSON.parse(line) as { msg: string }).msg);
}
