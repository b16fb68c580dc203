/** The rows of databases, to show that a request has changed nothing. */
import { DatabaseSync } from 'node:sqlite';

/** Every row of every table, by `database.table`. */
export type DatabaseState = Record<string, Record<string, unknown>[]>;

/**
 * @param files by the name of their server
 * @param except tables to leave out, such as `sso.login_failure`
 */
export function databaseState(
  files: Readonly<Record<string, string>>,
  except: readonly string[] = [],
): DatabaseState {
  const state: DatabaseState = {};
  for (const [name, file] of Object.entries(files)) {
    const database = new DatabaseSync(file, { readOnly: true });
    const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
    for (const { name: table } of tables) {
      const fullName = `${name}.${table}`;
      if (String(table).startsWith('sqlite_') || except.includes(fullName)) continue;
      state[fullName] = database.prepare(`SELECT * FROM ${table}`).all();
    }
    database.close();
  }
  return state;
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
