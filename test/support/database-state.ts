/** The rows of databases, to show that a request has changed nothing. */
import { DatabaseSync } from 'node:sqlite';
import { isPostgresUrl } from '@samesite-sso/core';
import pg from 'pg';
import { connectTo } from './postgres.ts';

/** Every row of every table, by `database.table`. */
export type DatabaseState = Record<string, Record<string, unknown>[]>;

type Tables = [name: string, rows: Record<string, unknown>[]][];

/**
 * @param databases files or PostgreSQL URLs, by the name of their server
 * @param except tables to leave out, such as `sso.login_failure`
 */
export async function databaseState(
  databases: Readonly<Record<string, string>>,
  except: readonly string[] = [],
): Promise<DatabaseState> {
  const state: DatabaseState = {};
  for (const [name, database] of Object.entries(databases)) {
    const isWanted = (table: string) => !except.includes(`${name}.${table}`);
    const tables = isPostgresUrl(database)
      ? await readPostgres(database, isWanted)
      : readSqlite(database, isWanted);
    for (const [table, rows] of tables) state[`${name}.${table}`] = rows;
  }
  return state;
}

function readSqlite(file: string, isWanted: (table: string) => boolean): Tables {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database
      .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'`)
      .all()
      .map(({ name }) => String(name))
      .filter(isWanted)
      .map((table) => [table, database.prepare(`SELECT * FROM ${table}`).all()]);
  } finally {
    database.close();
  }
}

async function readPostgres(url: string, isWanted: (table: string) => boolean): Promise<Tables> {
  const client = await connectTo(url);
  try {
    const { rows } = await client.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
    const tables = rows.map(({ tablename }) => String(tablename)).filter(isWanted);
    // One message for all tables. An update that changes nothing moves a row, so the rows are sorted.
    const text = tables.map((table) => `SELECT * FROM ${table} ORDER BY ${table}::text`).join(';');
    const results = [await client.query({ text, types: NUMBERS })].flat();
    return tables.map((table, index) => [table, results[index]?.rows ?? []]);
  } finally {
    await client.end();
  }
}

/** Reads each bigint as SQLite's tables have it: as a number. */
const NUMBERS: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
};

/** Every value of every row as it is stored, to search for secrets. */
export function cellsOf(state: DatabaseState): Buffer[] {
  const cells = Object.values(state).flatMap((rows) => rows.flatMap((row) => Object.values(row)));
  return cells.map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell) : Buffer.from(String(cell))));
}

/**
 * The rows that two states don't share. Expired rows are left out: a server may have purged them in between.
 */
export function changedRows(before: DatabaseState, after: DatabaseState): string[] {
  const now = Date.now();
  const lasting = (state: DatabaseState) =>
    Object.entries(state).flatMap(([table, rows]) =>
      rows
        .filter(({ expires_at: expiresAt }) => expiresAt === undefined || Number(expiresAt) > now)
        .map((row) => `${table} ${JSON.stringify(row)}`),
    );
  const [rowsBefore, rowsAfter] = [new Set(lasting(before)), new Set(lasting(after))];
  return [
    ...[...rowsBefore].filter((row) => !rowsAfter.has(row)),
    ...[...rowsAfter].filter((row) => !rowsBefore.has(row)),
  ];
}
