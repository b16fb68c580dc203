/** A SQLite database and an empty PostgreSQL database for one test, with the command line between them. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { SealingKeys } from '@samesite-sso/core';
import Sqlite from 'better-sqlite3';
import { onTestFinished, vi } from 'vitest';
import { postgresUrl, runOn } from '../../../../../test/support/postgres.ts';
import { temporaryFolder } from '../../../../../test/support/sso/test-service.ts';
import { openStores } from '../../storage/open-stores.ts';
import { openSqliteStores } from '../../storage/sqlite/open-stores.ts';
import type { Stores } from '../../storage/stores.ts';
import { administration, emptyDatabase } from '../administration.fixture.ts';

const SEALING_KEY = Buffer.alloc(32, 7).toString('base64');
export async function installation(database = emptyDatabase()) {
  const folder = temporaryFolder();
  const url = await postgresUrl();
  const { username, password, host, pathname } = new URL(url);
  /** The same without its password, which the command line finds in a file. */
  const target = `postgres://${username}@${host}${pathname}`;
  const passwords = path.join(folder, 'pgpass');
  writeFileSync(passwords, `*:*:*:*:${password}\n`, { mode: 0o600 });
  vi.stubEnv('PGPASSFILE', passwords);
  onTestFinished(() => void vi.unstubAllEnvs());
  const sealingFile = path.join(folder, 'sealing-keys');
  writeFileSync(sealingFile, `${SEALING_KEY}\n`, { mode: 0o600 });
  const environment = { SSO_DATABASE: database, SSO_SEALING_KEY_FILE: sealingFile, PGPASSFILE: passwords };
  const { run, done, json } = administration(environment);
  return {
    database,
    url,
    target,
    environment,
    run,
    done,
    json,
    migrate: () => run(['migrate-to', target]),
    /** Fills the SQLite database, and closes it. */
    async fill(work: (stores: Stores) => Promise<void>) {
      const stores = openSqliteStores(database);
      try {
        await work(stores);
      } finally {
        await stores.close();
      }
    },
    /** The stores in the PostgreSQL database. */
    async openMoved(): Promise<Stores> {
      const stores = await openStores(url, { sealing: SealingKeys.read(sealingFile) });
      onTestFinished(() => stores.close());
      return stores;
    },
    /** How many rows the tables of the PostgreSQL database have together. */
    async countMovedRows(): Promise<number> {
      const { rows: tables } = await runOn(
        url,
        `SELECT table_name FROM information_schema.tables
         WHERE table_schema = 'public' AND table_name <> 'samesite_sso_schema'`,
      );
      let rows = 0;
      for (const { table_name } of tables)
        rows += (await runOn(url, `SELECT FROM ${table_name}`)).rows.length;
      return rows;
    },
  };
}

/** Everything in a SQLite database, as text. */
export function contentOf(file: string): string {
  const sqlite = new Sqlite(file, { readonly: true });
  const tables = sqlite
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .pluck()
    .all();
  const content = tables.map((name) => [name, sqlite.prepare(`SELECT * FROM ${name}`).all()]);
  sqlite.close();
  return JSON.stringify(content);
}
