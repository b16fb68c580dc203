/**
 * A PostgreSQL server with its default settings. It is as durable as SQLite here: `fsync` and
 * `synchronous_commit` are on, and its data is on the disk of the checkout.
 */
import type { Databases } from '../scripts/site/site-settings.ts';
import { connectTo } from '../test/support/postgres.ts';
import { startPostgresProcess } from '../test/support/postgres-process.ts';
import { stopAfterComparison, stopDatabaseAfterComparison } from './cleanup.ts';
import { newSharedFolder } from './data-folder.ts';
import type { Plan } from './rounds.ts';

/**
 * How many requests the service may refuse, since the disk may keep a commit waiting for longer than a
 * request may. A quick run may meet a machine that is busy with tests.
 */
export function maxRefusedShare({ isQuick }: Plan): number {
  return isQuick ? 0.5 : 0.01;
}

export type PostgresServer = Awaited<ReturnType<typeof startPostgres>>;

export async function startPostgres() {
  const server = await startPostgresProcess({ parentFolder: newSharedFolder('postgres') });
  stopDatabaseAfterComparison(server.remove);
  const client = await connectTo(server.url, stopAfterComparison);
  const select = async (number: string): Promise<number> => {
    const { rows } = await client.query(`SELECT ${number} AS number`);
    return Number(rows[0].number);
  };
  return {
    /** Of the process that starts all others of the server. */
    pid: await select("(regexp_match(pg_read_file('postmaster.pid'), '^\\d+'))[1]"),
    createDatabase: server.createDatabase,
    /** Makes an empty database for each process of the site. */
    createDatabases: async (): Promise<Databases> => ({
      sso: await server.createDatabase('sso'),
      foo: await server.createDatabase('foo'),
      lorem: await server.createDatabase('lorem'),
    }),
    /** Only a transaction that writes, or locks rows, gets an id. */
    countWrites: () => select('pg_snapshot_xmax(pg_current_snapshot())'),
    /**
     * How often it has waited until its log was on the disk. Each process of the server reports its part
     * after a transaction, but at most once a second.
     */
    countSyncs: () => select("(SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal')"),
  };
}
