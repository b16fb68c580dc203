/** What the services keep, read from their databases beside them: whoever changed something left a trace here. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ProcessName } from '../scripts/site/site-settings.ts';

const tables = {
  sso: ['account', 'sso_session', 'authentication_token', 'client_assertion', 'login_failure'],
  foo: ['app_session'],
  lorem: ['app_session'],
} as const satisfies Record<ProcessName, readonly string[]>;

/** Every row of every table, by `database.table`. */
export function everythingStored(folder: string): Record<string, unknown[]> {
  const stored: Record<string, unknown[]> = {};
  for (const [name, names] of Object.entries(tables)) {
    const database = new DatabaseSync(join(folder, `${name}.db`), { readOnly: true });
    for (const table of names) stored[`${name}.${table}`] = database.prepare(`SELECT * FROM ${table}`).all();
    database.close();
  }
  return stored;
}
