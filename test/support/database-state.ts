/** The rows of databases, to show that a request has changed nothing. */
import { DatabaseSync } from 'node:sqlite';

/** Every row of every table, by `database.table`. */
export type DatabaseState = Record<string, unknown[]>;

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
