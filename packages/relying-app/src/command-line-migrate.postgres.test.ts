/** `migrate-to` of an app against a real PostgreSQL server. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  listKeys,
  openKeyRing,
  PostgresDatabase,
  parsePostgresUrl,
  SqliteDatabase,
} from '@samesite-sso/core';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { keysBeside } from '../../../test/support/keys-beside.ts';
import { postgresUrl, runOn } from '../../../test/support/postgres.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.fixture.ts';
import { runCommandLine } from './command-line.ts';
import type { NewAppSession } from './storage/app-store.ts';
import { openStore } from './storage/open-store.ts';
import { openSqliteStore } from './storage/sqlite/open-store.ts';
import { MIGRATIONS } from './storage/sqlite/schema.ts';

const NOW = Date.now();
const ADA = { id: 'account-of-ada', username: 'ada', displayName: 'Ada Lovelace' };
const hashOf = (name: string) => Buffer.from(name.padEnd(32, '.'));

const sessionOf = (name: string, sid: string, changes: Partial<NewAppSession> = {}): NewAppSession => ({
  tokenHash: hashOf(name),
  sid,
  account: ADA,
  startedAt: NOW,
  authenticatedAt: NOW - 1,
  amr: ['pwd', 'otp', 'mfa'],
  groups: ['admins', 'staff'],
  tokenIssuedAt: NOW,
  endsAt: NOW + 1_800_000,
  ssoEndsAt: NOW + 43_200_000,
  ...changes,
});

/** An app's SQLite database and an empty PostgreSQL database, with the command line between them. */
async function installation() {
  const folder = temporaryFolder();
  const database = join(folder, 'app.sqlite');
  const url = await postgresUrl();
  const { username, password, host, pathname } = new URL(url);
  const target = `postgres://${username}@${host}${pathname}`;
  const passwords = join(folder, 'pgpass');
  writeFileSync(passwords, `*:*:*:*:${password}\n`, { mode: 0o600 });
  const sealingKeyFile = join(folder, 'sealing-keys');
  writeFileSync(sealingKeyFile, `${Buffer.alloc(32, 1).toString('base64')}\n`, { mode: 0o600 });
  vi.stubEnv('PGPASSFILE', passwords);
  onTestFinished(() => void vi.unstubAllEnvs());
  const run = async (args: readonly string[], variables: Record<string, string | undefined> = {}) => {
    const environment = { APP_DATABASE: database, APP_SEALING_KEY_FILE: sealingKeyFile, ...variables };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    let [stdout, stderr] = ['', ''];
    const status = await runCommandLine(args, {
      writeOut: (text) => {
        stdout += text;
      },
      writeErr: (text) => {
        stderr += text;
      },
    });
    return { status, stdout, stderr };
  };
  return {
    database,
    url,
    target,
    run,
    async openMoved() {
      const opened = await openStore({ database: url, sealingKeyFile });
      onTestFinished(() => opened.store.close());
      return opened;
    },
  };
}

describe('migrate-to of an app', () => {
  test('moves everything, so that nobody is signed out or signed in again', async () => {
    const { database, target, run, openMoved } = await installation();
    const store = openSqliteStore(database);
    const { sessions, signOuts } = store;
    await sessions.start(sessionOf('active', 'sid 1'), null);
    await sessions.start(sessionOf('replaced', 'sid 2'), null);
    await sessions.start(sessionOf('its successor', 'sid 2'), hashOf('replaced'));
    await sessions.endBySid({ sid: 'sid 3', jti: 'jti 3', issuedAt: NOW }, NOW);
    for (const sid of ['delivered', 'undelivered']) {
      await sessions.start(sessionOf(sid, sid), null);
      await sessions.end(hashOf(sid), 'site', NOW);
    }
    await signOuts.settle(['delivered'], ['undelivered'], NOW);
    await store.close();
    const { sqlite } = new SqliteDatabase(database, MIGRATIONS);
    sqlite.exec(`INSERT INTO logout_token (jti, sid, received_at) VALUES ('jti 4', 'sid 4', ${NOW})`);
    sqlite.close();
    const ring = await openKeyRing(keysBeside(database));
    await ring.close();

    const { status, stdout, stderr } = await run(['migrate-to', target]);
    expect([status, stderr]).toEqual([0, '']);
    for (const line of [
      /^TABLE +SQLITE +POSTGRESQL$/m,
      /^app_session +2 +2$/m,
      /^replaced_session +1 +1$/m,
      /^logout_token +2 +2$/m,
      /^site_sign_out +2 +2$/m,
      /^ended_session +2 +2$/m,
      /^signing_key +1 +1$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
    expect(stdout).toContain(`set APP_DATABASE=${target} `);

    const { store: moved, keys } = await openMoved();
    expect(await moved.sessions.find(hashOf('active'), NOW)).toEqual({
      account: ADA,
      sid: 'sid 1',
      startedAt: NOW,
      endsAt: NOW + 1_800_000,
      authenticatedAt: NOW - 1,
      amr: ['pwd', 'otp', 'mfa'],
      groups: ['admins', 'staff'],
    });
    const start = (sid: string, tokenIssuedAt: number) =>
      moved.sessions.start(sessionOf(`${sid} ${tokenIssuedAt}`, sid, { tokenIssuedAt }), null);
    expect(await start('sid 3', NOW)).toBe(false);
    expect(await start('sid 3', NOW + 1)).toBe(true);
    expect(await start('sid 4', NOW + 1)).toBe(false);
    expect(await start('undelivered', NOW + 1)).toBe(false);
    expect(await moved.sessions.endBySid({ sid: 'sid 1', jti: 'jti 3', issuedAt: NOW }, NOW)).toBe(false);
    expect(await moved.signOuts.claim(10, NOW)).toEqual(['undelivered']);
    expect(await moved.sessions.end(hashOf('replaced'), 'site', NOW)).toBe(true);
    expect(await moved.sessions.find(hashOf('its successor'), NOW)).toBeNull();
    expect((await listKeys(keys)).map(({ kid }) => kid)).toEqual(ring.publicKeys.keys.map(({ kid }) => kid));
  });

  test('prints the counts as JSON, and marks the SQLite database', async () => {
    const { database, target, run } = await installation();
    await openSqliteStore(database).close();
    const { stdout } = await run(['migrate-to', target, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ from: database, to: target });
    const line = new RegExp(`^${database} was moved to ${target} on `);
    expect(() => openSqliteStore(database)).toThrow(line);
    for (const command of ['list', 'rotate']) {
      const refused = {
        status: 1,
        stdout: '',
        stderr: expect.stringMatching(`^error: APP_DATABASE: ${line.source.slice(1)}`),
      };
      expect(await run(['key', command])).toEqual(refused);
    }
  });

  test('refuses while the app is running, and a database that is not empty or not its own', async () => {
    const { database, url, target, run } = await installation();
    const store = openSqliteStore(database);
    expect(await run(['migrate-to', target])).toMatchObject({
      status: 1,
      stderr: `error: ${database} is in use by another process: stop the server first\n`,
    });
    await store.sessions.start(sessionOf('active', 'sid 1'), null);
    await store.close();
    const sso = await PostgresDatabase.open(parsePostgresUrl(url), { program: 'sso', migrations: [''] });
    await sso.close();
    expect(await run(['migrate-to', target])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('it is the database of the SSO service'),
    });
    await runOn(url, 'DROP TABLE samesite_sso_schema');
    expect(await run(['migrate-to', target])).toMatchObject({ status: 0, stderr: '' });
    const other = await installation();
    await openSqliteStore(other.database).close();
    expect(await run(['migrate-to', target, '--database', other.database])).toMatchObject({
      status: 1,
      stderr: `error: ${target} isn't empty: the table app_session has rows; name an empty database\n`,
    });
  });

  test.each([
    [
      1,
      ['migrate-to', 'postgres://app:secret@db/app'],
      {},
      /^error: the URL has a password, .* PGPASSFILE names\n$/,
    ],
    [1, ['migrate-to', 'app.sqlite'], {}, /^error: the new database is not a URL such as /],
    [
      2,
      ['migrate-to', 'postgres://app@db/app'],
      { APP_DATABASE: undefined },
      /^error: required option '--database /,
    ],
    [
      2,
      ['migrate-to', 'postgres://app@db/app'],
      { APP_DATABASE: 'postgres://app@db/app' },
      /^error: the database is a PostgreSQL database already; name the SQLite database to move\n/,
    ],
    [
      2,
      ['migrate-to', 'postgres://app@db/app'],
      { APP_SEALING_KEY_FILE: undefined },
      /^error: required option '--sealing-key-file <path>' not specified\n/,
    ],
    [
      1,
      ['migrate-to', 'postgres://app@db/app'],
      { APP_SEALING_KEY_FILE: '/nowhere/keys' },
      /^error: APP_SEALING_KEY_FILE: \/nowhere\/keys is missing\n$/,
    ],
    [
      1,
      ['migrate-to', 'postgres://app@db/app'],
      { APP_DATABASE: ' app.sqlite' },
      /^error: APP_DATABASE .*\n$/,
    ],
    [
      1,
      ['migrate-to', 'postgres://app@db/app'],
      { APP_SEALING_KEY_FILE: ' keys' },
      /^error: APP_SEALING_KEY_FILE .*\n$/,
    ],
    [
      1,
      ['migrate-to', 'postgres://app@db/app'],
      { APP_DATABASE: '/nowhere/app' },
      /^error: database .* not found\n$/,
    ],
  ])('exits with status %i for %j with %j', async (status, args, variables, line) => {
    const { run } = await installation();
    const outcome = await run(args, variables);
    expect(outcome).toEqual({ status, stdout: '', stderr: expect.stringMatching(line) });
    expect(outcome.stderr).not.toContain('secret');
  });
});
