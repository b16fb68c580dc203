/** What is checked at start, and how the schema is migrated. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  alterDatabase,
  connectTo,
  postgresUrl,
  runOn,
  runOnServer,
} from '../../../../../test/support/postgres.ts';
import { DatabaseError } from '../../files/config-error.ts';
import { parsePostgresUrl } from '../postgres-url.ts';
import { MIGRATIONS, names, openDatabase } from './postgres-database.fixture.ts';
import { PostgresDatabase } from './postgres-database.ts';

interface More {
  program?: 'sso' | 'app';
  migrations?: readonly string[];
}

const open = async (url: string, { program = 'sso', migrations = MIGRATIONS }: More = {}) => {
  const database = await PostgresDatabase.open(parsePostgresUrl(url), { program, migrations });
  await database.close();
};

/** Returns the part of the error after the database's name. It must be one line without the password. */
async function reasonFor(url: string, more?: More): Promise<string> {
  const error = await open(url, more).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DatabaseError);
  const { message } = error as DatabaseError;
  const { username, password, host, pathname } = new URL(url);
  expect(message).not.toContain('\n');
  expect(message).not.toContain(`:${password}@`);
  const start = `postgres://${username}@${host}${pathname} can't be used: `;
  expect(message.startsWith(start)).toBe(true);
  return message.slice(start.length);
}

function withPart(url: string, part: 'username' | 'password' | 'pathname' | 'host', value: string): string {
  const changed = new URL(url);
  changed[part] = value;
  return changed.href;
}

const listTables = async (url: string) => {
  const { rows } = await runOn(url, `SELECT relname FROM pg_class WHERE relkind = 'r' AND oid > 16384`);
  return rows.map(({ relname }) => relname).sort();
};

describe('the schema', () => {
  it('is migrated once, in order, by instances that start together', async () => {
    const url = await postgresUrl();
    await Promise.all([open(url), open(url), open(url), open(url)]);
    await open(url, { migrations: [...MIGRATIONS, "UPDATE item SET name = name || '!'"] });
    const { rows } = await runOn(url, 'SELECT name FROM item ORDER BY id');
    expect(rows).toEqual([{ name: 'one!' }, { name: 'two!' }]);
  });

  it('stays as it was when a migration fails halfway', async () => {
    const url = await postgresUrl();
    await open(url);
    const broken = [...MIGRATIONS, 'DELETE FROM item', 'INSERT INTO missing VALUES (1)'];
    expect(await reasonFor(url, { migrations: broken })).toMatch(/^42P01: .*missing/);
    expect(await names(await openDatabase(url))).toEqual(['one', 'two']);
  });

  it('is migrated while a backup reads it, and requests are served meanwhile', async () => {
    const url = await postgresUrl();
    const database = await openDatabase(url);
    const backup = await connectTo(url, onTestFinished);
    await backup.query('BEGIN; LOCK TABLE item IN ACCESS SHARE MODE');
    let isOpen = false;
    const migrations = [...MIGRATIONS, 'ALTER TABLE item ADD COLUMN flag boolean'];
    const opened = open(url, { migrations }).then(() => {
      isOpen = true;
    });
    const endsAt = performance.now() + 1500;
    while (performance.now() < endsAt) expect(await names(database)).toEqual(['one', 'two']);
    expect(isOpen).toBe(false);
    await backup.query('COMMIT');
    await opened;
  });

  it.each([
    [{ migrations: MIGRATIONS.slice(1) }, 'its schema version is 2, but this program supports only up to 1'],
    [{ program: 'app' }, 'it is the database of the SSO service'],
  ] as const)(
    'is refused if it is newer or of another program, and stays unchanged: %j',
    async (more, reason) => {
      const url = await postgresUrl();
      await open(url);
      const migrations = ['DROP TABLE item', 'DROP TABLE item'];
      expect(await reasonFor(url, { migrations, ...more })).toBe(reason);
      expect(await names(await openDatabase(url))).toEqual(['one', 'two']);
    },
  );

  it('is refused if its tables belong to another program, and stays unchanged', async () => {
    const url = await postgresUrl();
    await runOn(url, 'CREATE TABLE diary (entry text)');
    expect(await reasonFor(url)).toBe('it has tables of another program; name a database without tables');
    expect(await listTables(url)).toEqual(['diary']);
  });

  it('is refused if its version is unknown', async () => {
    const url = await postgresUrl();
    await open(url);
    await runOn(url, 'DELETE FROM samesite_sso_schema');
    expect(await reasonFor(url)).toBe('its table samesite_sso_schema must have exactly one row');
  });
});

describe('a server', () => {
  it('that is too old is refused', async () => {
    const url = await postgresUrl();
    await alterDatabase(url, 'SET search_path = public, pg_catalog');
    await runOn(url, OLD_SERVER);
    expect(await reasonFor(url)).toBe('its server is PostgreSQL 14.9; at least 15 is needed');
    expect(await listTables(url)).toEqual([]);
  });

  it('that may lose acknowledged commits is refused [T-OUTAGE-09]', async () => {
    const url = await postgresUrl();
    await alterDatabase(url, 'SET synchronous_commit = off');
    expect(await reasonFor(url)).toBe('synchronous_commit is off for this role or database; set it to on');
    expect(await listTables(url)).toEqual([]);
  });

  it('whose database has another encoding is refused', async () => {
    const url = await postgresUrl();
    const name = `latin_${randomUUID().replaceAll('-', '')}`;
    await runOnServer(`CREATE DATABASE ${name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`);
    onTestFinished(async () => void (await runOnServer(`DROP DATABASE ${name}`)));
    expect(await reasonFor(withPart(url, 'pathname', name))).toBe('its encoding is LATIN1; UTF8 is needed');
  });

  it.each([
    ['pathname', 'missing', /^3D000: database "missing" does not exist$/],
    ['username', 'nobody', /^28P01: password authentication failed for user "nobody"$/],
    ['password', 'wrong', /^28P01: password authentication failed for user "postgres"$/],
    [
      'password',
      '',
      /^the server wants a password: put it into the URL, or into a file that PGPASSFILE names$/,
    ],
    ['host', '127.0.0.1:1', /^connect ECONNREFUSED 127\.0\.0\.1:1$/],
    ['host', 'localhost:1', /^connect ECONNREFUSED /],
    ['host', 'missing.invalid:5432', /^getaddrinfo (ENOTFOUND|EAI_AGAIN) missing\.invalid$/],
  ] as const)('that cannot be reached or denies access is refused: %s %j', async (part, value, reason) => {
    expect(await reasonFor(withPart(await postgresUrl(), part, value))).toMatch(reason);
  });

  it('that is read-only is refused while the schema is old', async () => {
    const url = await postgresUrl();
    await alterDatabase(url, 'SET default_transaction_read_only = on');
    expect(await reasonFor(url)).toMatch(/^25006: cannot execute CREATE TABLE in a read-only transaction$/);
  });
});

/** Shadows the function that returns settings. */
const OLD_SERVER = `
  CREATE FUNCTION public.current_setting(name text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE name WHEN 'server_version' THEN '14.9' WHEN 'server_version_num' THEN '140009'
      ELSE pg_catalog.current_setting(name) END
  $$`;

describe('the clock', () => {
  it.each([5000, -5000])('is not ready while it differs by %i ms, and says so once', async (offsetMs) => {
    const warnings: string[] = [];
    let offset = 0;
    const clock = () => Date.now() + offset;
    const database = await openDatabase(undefined, { clock, warn: (warning) => warnings.push(warning) });
    expect(await database.isReady()).toBe(true);
    offset = offsetMs;
    expect(await database.isReady()).toBe(false);
    expect(await database.isReady()).toBe(false);
    expect(warnings).toEqual(["not ready: the clock differs by 5 s from the clock of the database's server"]);
    offset = 1000;
    expect(await database.isReady()).toBe(true);
  });
});
