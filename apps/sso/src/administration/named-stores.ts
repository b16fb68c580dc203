/** Opens the stores for a command. Errors about the database name its variable. */
import { nameDatabaseVariable } from '@samesite-sso/core';
import { openStores } from '../storage/open-stores.ts';
import type { Stores, StoresOptions } from '../storage/stores.ts';

/** @throws {ConfigError} if the database can't be used */
export function openNamedStores(database: string, options?: StoresOptions): Promise<Stores> {
  return nameDatabaseVariable('SSO_DATABASE', () => openStores(database, options));
}
