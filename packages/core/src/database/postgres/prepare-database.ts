/** Prepares a database at start: checks its server, and migrates its schema. */
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseError } from '../../files/config-error.ts';
import { escapeLine } from '../../files/escape-control-characters.ts';
import type { PostgresUrl } from '../postgres-url.ts';
import { Client, toClientConfig } from './connection.ts';
import { migrate, type Program } from './migrate.ts';
import { describePostgresError, isLockTimeout } from './unavailability.ts';

export type { Program };

/** Longer than for a request: nobody waits for a response yet, and the server may be starting as well. */
const CONNECT_TIMEOUT_MS = 5000;

/** Includes the wait for an instance that is migrating. A migration may rewrite a large table. */
const BEGIN = 'BEGIN; SET LOCAL statement_timeout = 600000; SET LOCAL lock_timeout = 60000';

const MIGRATION_RETRY_MS = 1000;
/** For tables and for other instances that migrate. Then the process ends, and says why. */
const MAX_MIGRATION_WAIT_MS = 60_000;
/** For a server that accepts a connection and then says nothing. */
const FIRST_QUERY_TIMEOUT_MS = 10_000;

const MIN_MAJOR_VERSION = 15;

/** The longest `statement_timeout` of a role that ends reads in time: see `PostgresDatabase.query`. */
const MAX_READ_LIMIT_MS = 1000;

const READ_SETTINGS = `
  SELECT current_setting('server_version') AS version,
    current_setting('server_version_num')::int AS "versionNumber",
    current_setting('server_encoding') AS encoding,
    current_setting('synchronous_commit') AS "synchronousCommit",
    (SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout') AS "statementTimeoutMs"`;

/**
 * Checks and migrates a database. If it can't be used, it isn't changed.
 *
 * @throws {DatabaseError} whose message is one line without the password
 * @returns whether the role's own `statement_timeout` ends reads in time
 */
export async function prepareDatabase(
  url: PostgresUrl,
  program: Program,
  migrations: readonly string[],
): Promise<{ hasReadLimit: boolean }> {
  try {
    const client = new Client(toClientConfig(url, CONNECT_TIMEOUT_MS));
    await client.connect();
    try {
      const statementTimeoutMs = await requireSuitableServer(client);
      await migrateWithRetries(client, program, migrations);
      return { hasReadLimit: statementTimeoutMs > 0 && statementTimeoutMs <= MAX_READ_LIMIT_MS };
    } finally {
      await client.end();
    }
  } catch (error) {
    throw new DatabaseError(`${url} can't be used: ${escapeLine(describePostgresError(error))}`);
  }
}

async function requireSuitableServer(client: Client): Promise<number> {
  const firstQuery = { text: READ_SETTINGS, query_timeout: FIRST_QUERY_TIMEOUT_MS };
  const { rows } = await client.query(firstQuery);
  const { version, versionNumber, encoding, synchronousCommit } = rows[0];
  if (versionNumber < MIN_MAJOR_VERSION * 10_000)
    throw new Error(`its server is PostgreSQL ${version}; at least ${MIN_MAJOR_VERSION} is needed`);
  if (encoding !== 'UTF8') throw new Error(`its encoding is ${encoding}; UTF8 is needed`);
  // A crash of the server could bring back a redeemed token or an ended session.
  if (synchronousCommit === 'off')
    throw new Error('synchronous_commit is off for this role or database; set it to on');
  return rows[0].statementTimeoutMs;
}

/**
 * Migrates in one transaction. While it waits for a table that another transaction uses, such as a backup's,
 * all requests would wait behind it for that table. So it gives up before they do, and tries again.
 */
async function migrateWithRetries(
  client: Client,
  program: Program,
  migrations: readonly string[],
): Promise<void> {
  const endsAtMs = performance.now() + MAX_MIGRATION_WAIT_MS;
  for (;;) {
    try {
      await client.query(BEGIN);
      await migrate(client, program, migrations);
      await client.query('COMMIT');
      return;
    } catch (error) {
      if (!isLockTimeout(error) || performance.now() >= endsAtMs) throw error;
      await client.query('ROLLBACK');
      await delay(MIGRATION_RETRY_MS);
    }
  }
}
