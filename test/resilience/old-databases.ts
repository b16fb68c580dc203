/**
 * Builds databases as earlier versions left them, with a row in every table: applies the migrations in turn,
 * and after each one inserts the rows that its version would have written. A test checks that each migration
 * that adds a table has a row here.
 */
import { rmSync, writeFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { SiteProcess } from '../../scripts/site/site-process.ts';
import { databaseState } from '../support/database-state.ts';

/** Writes the rows that a version wrote and the version before didn't, by version. */
export type Writings = Readonly<Record<number, (database: Sqlite.Database) => void>>;

/** The versions of a schema up to the current one. */
export function versionsOf(migrations: readonly string[]): number[] {
  return migrations.map((_, index) => index + 1);
}

/** Stops the process and replaces its database by one of an earlier version. */
export async function replaceDatabase(
  server: SiteProcess,
  file: string,
  old: { migrations: readonly string[]; version: number; writings: Writings },
): Promise<void> {
  await server.stop();
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  writeFileSync(file, '', { mode: 0o600 });
  const database = new Sqlite(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = OFF'); // Nothing cuts the power while a test prepares it.
  for (const version of versionsOf(old.migrations).slice(0, old.version)) {
    database.exec(old.migrations[version - 1] ?? '');
    database.pragma(`user_version = ${version}`);
    old.writings[version]?.(database);
  }
  database.close();
}

/** Inserts rows, given by the names of their columns. */
export function insert(database: Sqlite.Database, table: string, ...rows: readonly object[]): void {
  for (const row of rows) {
    const names = Object.keys(row);
    const values = names.map((name) => `:${name}`);
    database.prepare(`INSERT INTO ${table} (${names.join()}) VALUES (${values.join()})`).run(row);
  }
}

/** The names of a database's empty tables. */
export async function emptyTables(file: string): Promise<string[]> {
  const tables = Object.entries(await databaseState({ '': file }));
  return tables.flatMap(([name, rows]) => (rows.length === 0 ? [name.slice(1)] : []));
}

export function versionOf(file: string): unknown {
  const database = new Sqlite(file, { readonly: true });
  const version = database.pragma('user_version', { simple: true });
  database.close();
  return version;
}
