/** When `migrate-to` refuses or fails, nothing is moved, and both databases are as they were. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openKeyRing } from '@samesite-sso/core';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { freePort } from '../../../../../scripts/site/ports.ts';
import { runOn } from '../../../../../test/support/postgres.ts';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { runProgram } from '../../../../../test/support/sso/run-program.ts';
import { running } from '../../../../../test/support/sso/running-service.ts';
import { FOO, temporaryFolder } from '../../../../../test/support/sso/test-service.ts';
import { addAda, administration, noDatabase, startSession } from '../administration.fixture.ts';
import { contentOf, installation } from './migrate-to.fixture.ts';

/** The outcome of a command that fails with one line. */
const failure = (line: string | RegExp) => ({
  status: 1,
  stdout: '',
  stderr: typeof line === 'string' ? `error: ${line}\n` : expect.stringMatching(line),
});

/** An installation in which ada is signed in. */
async function usedInstallation() {
  const prepared = await installation();
  await prepared.fill(async (stores) => {
    await addAda(stores);
    await startSession(stores);
  });
  return prepared;
}

/** Makes PostgreSQL run a statement of PL/pgSQL for each row that is inserted. */
async function onInsert(url: string, table: string, statement: string) {
  await createFunction(url, statement);
  await runOn(
    url,
    `CREATE TRIGGER interfere BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION interfere()`,
  );
}

/** The same at the commit of a transaction that has inserted a row. */
async function onCommit(url: string, table: string, statement: string) {
  await createFunction(url, statement);
  await runOn(
    url,
    `CREATE CONSTRAINT TRIGGER interfere AFTER INSERT ON ${table} DEFERRABLE INITIALLY DEFERRED
     FOR EACH ROW EXECUTE FUNCTION interfere()`,
  );
}

async function createFunction(url: string, statement: string) {
  const body = `BEGIN ${statement}; END`;
  await runOn(url, `CREATE FUNCTION interfere() RETURNS trigger LANGUAGE plpgsql AS $$ ${body} $$`);
}

const endInterference = (url: string) => runOn(url, 'DROP FUNCTION interfere CASCADE');

describe('migrate-to refuses', () => {
  test.each([
    [
      'postgres://sso:secret@db/sso',
      /^error: the URL has a password, .*: put it into the file that PGPASSFILE names\n$/,
    ],
    ['postgres://sso:sec#ret@db/sso', /^error: the new database is not a URL .* must be percent-encoded\n$/],
    ['secret.sqlite', /^error: the new database is not a URL such as postgres:/],
    ['postgres://sso@db/sso?password=secret', /^error: the new database has an unknown parameter; /],
  ])('the URL %s, and repeats no password', async (url, line) => {
    const { run } = await installation();
    const outcome = await run(['migrate-to', url]);
    expect(outcome).toEqual(failure(line));
    expect(outcome.stderr).not.toMatch(/secret|sec#ret/);
  });

  test('a missing database, a PostgreSQL one, and missing sealing keys', async () => {
    const { environment, target } = await installation();
    const missing = noDatabase();
    const refusal = async (variables: Record<string, string>) => {
      const { SSO_DATABASE, ...others } = { ...environment, ...variables };
      return await administration({ SSO_DATABASE, ...others }).run(['migrate-to', target]);
    };
    expect(await refusal({ SSO_DATABASE: missing })).toEqual(failure(`database ${missing} not found`));
    expect(existsSync(missing)).toBe(false);
    expect(await refusal({ SSO_DATABASE: target })).toEqual(
      failure('SSO_DATABASE is the URL of a PostgreSQL database; name the SQLite database to move'),
    );
    expect(await refusal({ SSO_SEALING_KEY_FILE: missing })).toEqual(
      failure(`SSO_SEALING_KEY_FILE: ${missing} is missing`),
    );
  });

  test('a second run, and the move of another database to the same place', async () => {
    const { database, environment, target, migrate, countMovedRows } = await usedInstallation();
    const copy = path.join(temporaryFolder(), 'copy.sqlite');
    writeFileSync(copy, '', { mode: 0o600 });
    const sqlite = new Sqlite(database);
    sqlite.prepare('VACUUM INTO ?').run(copy);
    sqlite.close();
    expect(await migrate()).toMatchObject({ status: 0 });
    const rows = await countMovedRows();
    expect(await migrate()).toEqual(failure(new RegExp(`^error: ${database} was moved to ${target} on `)));
    const before = contentOf(copy);
    const { run } = administration({ ...environment, SSO_DATABASE: copy });
    expect(await run(['migrate-to', target])).toEqual(
      failure(`${target} isn't empty: the table account has rows; name an empty database`),
    );
    expect(contentOf(copy)).toBe(before);
    expect(await countMovedRows()).toBe(rows);
  });

  test('a database on which a service has started', async () => {
    const { database, target, migrate, openMoved } = await usedInstallation();
    const before = contentOf(database);
    const keys = await openKeyRing((await openMoved()).signingKeys(null));
    await keys.close();
    expect(await migrate()).toEqual(
      failure(`${target} isn't empty: the table signing_key has rows; name an empty database`),
    );
    expect(contentOf(database)).toBe(before);
  });

  test('a database of another program, and a server that does not respond', async () => {
    const { database, url, target, migrate, run } = await usedInstallation();
    const before = contentOf(database);
    await runOn(url, 'CREATE TABLE of_another_program ()');
    expect(await migrate()).toEqual(
      failure(new RegExp(`^error: ${target} can't be used: it has tables of another program; .*\n$`)),
    );
    const nowhere = `postgres://sso@127.0.0.1:${await freePort()}/sso`;
    expect(await run(['migrate-to', nowhere])).toEqual(
      failure(new RegExp(`^error: ${nowhere} can't be used: .*ECONNREFUSED.*\n$`)),
    );
    expect(contentOf(database)).toBe(before);
  });

  test('while the service runs, which goes on', async () => {
    const { variables, logIn, post, child, ended } = await running();
    const { environment, target, url } = await installation();
    const { run } = administration({ ...environment, SSO_DATABASE: variables.SSO_DATABASE });
    const [cookie = ''] = (await logIn()).headers.getSetCookie();
    expect(await run(['migrate-to', target])).toEqual(
      failure(`${variables.SSO_DATABASE} is in use by another process: stop the server first`),
    );
    expect((await runOn(url, "SELECT FROM pg_tables WHERE schemaname = 'public'")).rows).toEqual([]);
    expect((await post({ request: 'authentication token' }, cookie)).status).toBe(200);
    child.kill('SIGKILL'); // The lock of a killed process is gone.
    await ended;
    expect(await run(['migrate-to', target])).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('when migrate-to fails', () => {
  test.each([
    [
      'a row is not accepted',
      'session_app',
      "RAISE EXCEPTION 'no'",
      /^error: session_app, rows 1 to 1: no\n$/,
    ],
    [
      'a row does not arrive',
      'authentication_token',
      'RETURN NULL',
      /^error: authentication_token has 1 rows, but 0 arrived; nothing was moved\n$/,
    ],
    [
      'the connection is lost',
      'audit_record',
      'PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW',
      /^error: .* can't be used: .*; nothing was moved\n$/,
    ],
  ])('because %s, nothing is moved, and the next run moves everything', async (_, table, statement, line) => {
    const { database, url, migrate, openMoved, countMovedRows } = await usedInstallation();
    await openMoved();
    await onInsert(url, table, statement);
    const before = contentOf(database);
    expect(await migrate()).toEqual(failure(line));
    expect(contentOf(database)).toBe(before);
    expect(await countMovedRows()).toBe(0);
    await endInterference(url);
    expect(await migrate()).toMatchObject({ status: 0, stderr: '' });
  });

  test('during the commit, it says that the copy may be complete, and leaves SQLite unchanged', async () => {
    const { database, url, target, migrate, openMoved } = await usedInstallation();
    await openMoved();
    const statement = 'PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW';
    await onCommit(url, 'account', statement);
    const before = contentOf(database);
    const outcome = 'the copy may be complete or missing; create that database anew and repeat the command';
    expect(await migrate()).toEqual(
      failure(new RegExp(`^error: ${target} can't be used: .*; ${outcome}\n$`)),
    );
    expect(contentOf(database)).toBe(before);
  });

  test('meanwhile, no other process can use either database', async () => {
    const { database, url, environment, target, openMoved } = await usedInstallation();
    const stores = await openMoved();
    await onInsert(url, 'account', 'PERFORM pg_sleep(2); RETURN NEW');
    const ended = runProgram('cli.ts', ['migrate-to', target], environment);
    await expect
      .poll(async () => (await runOn(url, "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'")).rows)
      .toHaveLength(1);
    const other = new Sqlite(database, { timeout: 0 });
    expect(() => other.prepare('SELECT 1 FROM account').get()).toThrow('database is locked');
    other.close();
    await expect(stores.accounts.find('ada')).rejects.toMatchObject({ code: 'unavailable' });
    expect(await ended).toMatchObject({ status: 0, stderr: '' });
    expect(await stores.accounts.find('ada')).not.toBeNull();
  });
});

describe('a NUL character, which PostgreSQL cannot store,', () => {
  test('is replaced in descriptions, with a warning that names the first row', async () => {
    const { fill, migrate, openMoved } = await installation();
    await fill(async (stores) => {
      await addAda(stores);
      for (const userAgent of ['Lynx', 'a\0b', '\0']) await startSession(stores, { userAgent });
    });
    const { status, stderr } = await migrate();
    expect([status, stderr]).toEqual([
      0,
      "warning: sso_session: PostgreSQL can't store the NUL characters in user_agent of 2 rows (the first " +
        'is row 2): each is now U+FFFD\n',
    ]);
    const sessions = await allRows((await openMoved()).sessions.pages());
    expect(sessions.map(({ userAgent }) => userAgent).sort()).toEqual(['Lynx', 'a\ufffdb', '\ufffd']);
  });

  test('makes it fail in a text by which rows are found, and it names the row', async () => {
    const { database, migrate, run, countMovedRows } = await usedInstallation();
    const sqlite = new Sqlite(database);
    sqlite.exec("UPDATE account SET username = 'ad' || char(0), username_key = 'ad' || char(0)");
    sqlite.close();
    expect(await migrate()).toEqual(
      failure("account, row 1: its username contains a NUL character, which PostgreSQL can't store"),
    );
    expect(await countMovedRows()).toBe(0);
    expect(await run(['account', 'rename', 'account-of-ada', 'ada'])).toMatchObject({ status: 0 });
    expect(await migrate()).toMatchObject({ status: 0 });
  });
});

describe('after migrate-to', () => {
  test('the service and the command line refuse the SQLite database, whose content is kept', async () => {
    const { database, environment, migrate, run, target } = await usedInstallation();
    const before = contentOf(database);
    await migrate();
    expect(contentOf(database)).toContain(before.slice(1, -1));
    const line = new RegExp(
      `SSO_DATABASE: ${database} was moved to ${target} on \\d{4}-\\d\\d-\\d\\d: use that; ` +
        'docs/several-instances.md, "Moving to PostgreSQL", says how to go back\n$',
    );
    for (const args of [
      ['account', 'list'],
      ['key', 'list'],
      ['key', 'rotate'],
    ]) {
      expect(await run(args), args.join(' ')).toEqual(failure(line));
    }
    const backup = path.join(temporaryFolder(), 'backup.sqlite');
    expect(await run(['backup', backup])).toEqual(
      failure(new RegExp(`: ${database} was moved to ${target} `)),
    );
    expect(existsSync(backup)).toBe(false);
    const SSO_APPS = path.join(temporaryFolder(), 'apps.json');
    writeFileSync(SSO_APPS, JSON.stringify([{ origin: FOO, name: 'Foo' }]), { mode: 0o600 });
    const SSO_LISTEN = `127.0.0.1:${await freePort()}`;
    const service = { SSO_ORIGIN: 'http://sso.example.localhost:4000', SSO_LISTEN, SSO_APPS };
    const { status, stderr } = await runProgram('main.ts', [], { ...environment, ...service });
    expect([status, stderr]).toEqual([1, expect.stringMatching(line)]);
  });

  test('a warning says if the SQLite database could not be marked', async () => {
    const { database, migrate, openMoved } = await usedInstallation();
    const sqlite = new Sqlite(database);
    sqlite.exec('CREATE INDEX "MOVED_TO_POSTGRES" ON account (id)'); // Its name is taken, then.
    sqlite.close();
    expect(await migrate()).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(
        new RegExp(
          `^warning: ${database} can't be marked as moved, so a server could still start on it: .*\n$`,
        ),
      ),
    });
    expect(await (await openMoved()).accounts.find('ada')).not.toBeNull();
  });
});
