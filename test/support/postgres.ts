/** Databases of their own for tests, on the server of `postgres-server.ts`. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject, onTestFinished } from 'vitest';
import type { AtEnd } from './at-end.ts';
import './postgres-server.ts';

/**
 * Creates an empty database, and drops it at the end, even if something still uses it.
 *
 * @param atEnd registers that, by default with the running test
 * @returns its URL, for a role that may do anything
 */
export async function postgresUrl(atEnd: AtEnd = onTestFinished): Promise<string> {
  const url = new URL(inject('postgresUrl'));
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await runOnServer(`CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE template0`);
  atEnd(async () => void (await runOnServer(`DROP DATABASE ${name} WITH (FORCE)`)));
  url.pathname = name;
  return url.href;
}

/** Runs a statement in the server's maintenance database. */
export async function runOnServer(text: string, values?: readonly unknown[]): Promise<pg.QueryResult> {
  return await runOn(inject('postgresUrl'), text, values);
}

/** Runs a statement, or several, as another client. */
export async function runOn(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<pg.QueryResult> {
  const client = await connectTo(url);
  try {
    return await client.query(text, [...values]);
  } finally {
    await client.end();
  }
}

/** Changes a default of a database, such as `SET synchronous_commit = off`, for new connections. */
export async function alterDatabase(url: string, change: string): Promise<void> {
  await runOnServer(`ALTER DATABASE ${new URL(url).pathname.slice(1)} ${change}`);
}

/** Ends all connections to a database, as an administrator or a fail-over does. */
export async function terminateOthers(url: string): Promise<void> {
  await runOn(
    url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
}

/** Another client of a database, which is disconnected at the end. */
export async function connectTo(url: string, atEnd?: AtEnd): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, ssl: false });
  client.on('error', () => undefined);
  await client.connect();
  atEnd?.(() => client.end());
  return client;
}
