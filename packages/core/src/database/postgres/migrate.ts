/** Migrates a schema to its newest version, and refuses a schema that isn't this program's. */
import { quote } from '../../files/escape-control-characters.ts';
import type { Client } from './connection.ts';

/** The program that the tables of a database belong to. */
export type Program = 'sso' | 'app';

const OWNERS: Record<string, string> = { sso: 'the SSO service', app: 'an app' };

/**
 * Taken first, so that only one of several starting instances migrates. The lock belongs to the transaction:
 * a pooler may give the session to another client, so a session-level lock could be lost or kept forever.
 */
const LOCK = 'SELECT pg_advisory_xact_lock(21328, 1)';

/** Limits the wait for a table to less than what a request behind the migration may wait. */
const SHORTEN_LOCK_TIMEOUT = 'SET LOCAL lock_timeout = 200';

/** Tables that belong to extensions don't count. */
const FIND_TABLES = `
  SELECT to_regclass('samesite_sso_schema') IS NOT NULL AS "hasSchema",
    EXISTS (
      SELECT FROM pg_class
      WHERE relnamespace = to_regnamespace(current_schema()) AND relkind IN ('r', 'p')
      AND NOT EXISTS (
        SELECT FROM pg_depend
        WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
      )
    ) AS "hasTables"`;

/**
 * Runs inside a transaction.
 *
 * @throws {Error} with a message that follows the database's name
 */
export async function migrate(
  client: Client,
  program: Program,
  migrations: readonly string[],
): Promise<void> {
  await client.query(LOCK);
  await client.query(SHORTEN_LOCK_TIMEOUT);
  const version = await findVersion(client, program);
  const newest = migrations.length;
  if (version > newest)
    throw new Error(`its schema version is ${version}, but this program supports only up to ${newest}`);
  if (version === newest) return;
  for (const script of migrations.slice(version)) await client.query(script);
  await client.query('UPDATE samesite_sso_schema SET version = $1', [newest]);
}

async function findVersion(client: Client, program: Program): Promise<number> {
  const { rows } = await client.query<{ hasSchema: boolean; hasTables: boolean }>(FIND_TABLES);
  if (rows[0]?.hasSchema) return await readVersion(client, program);
  if (rows[0]?.hasTables) throw new Error('it has tables of another program; name a database without tables');
  await client.query('CREATE TABLE samesite_sso_schema (program text NOT NULL, version int NOT NULL)');
  await client.query('INSERT INTO samesite_sso_schema VALUES ($1, 0)', [program]);
  return 0;
}

async function readVersion(client: Client, program: Program): Promise<number> {
  const { rows } = await client.query<{ program: string; version: number }>(
    'SELECT program, version FROM samesite_sso_schema',
  );
  const [row] = rows;
  if (row === undefined || rows.length > 1)
    throw new Error('its table samesite_sso_schema must have exactly one row');
  if (row.program !== program)
    throw new Error(`it is the database of ${OWNERS[row.program] ?? quote(row.program)}`);
  return row.version;
}
