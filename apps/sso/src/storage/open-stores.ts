/** Opens the stores in the database that a setting names: a file of SQLite, or a URL of PostgreSQL. */
import { isPostgresUrl, parsePostgresUrl } from '@samesite-sso/core';
import { openSqliteStores } from './sqlite/open-stores.ts';
import type { Stores, StoresOptions } from './stores.ts';

/**
 * @param database the path of a file, or a `postgres://` URL
 * @throws {ConfigError} if the database can't be used
 */
export async function openStores(database: string, options: StoresOptions = {}): Promise<Stores> {
  if (!isPostgresUrl(database)) return openSqliteStores(database, options);
  // Imported here, so that an installation with SQLite loads nothing of it.
  const { openPostgresStores } = await import('./postgres/open-stores.ts');
  return await openPostgresStores(parsePostgresUrl(database), options);
}
