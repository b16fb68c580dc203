/** Opens an app's store and its signing keys: in SQLite, in PostgreSQL, or as the app's options say. */
import {
  fileKeyStore,
  isPostgresUrl,
  type KeyStore,
  keyFileOf,
  parsePostgresUrl,
  SealingKeys,
} from '@samesite-sso/core';
import type { AppStore } from './app-store.ts';
import { openSqliteStore } from './sqlite/open-store.ts';

export interface OpenedStore {
  store: AppStore;
  keys: KeyStore;
}

export interface StoreSettings {
  /** A path or a URL. Without `store`, it is required. */
  database?: string | undefined;
  /** Required for a URL. */
  sealingKeyFile?: string | undefined;
  store?: AppStore | undefined;
  /** Required for `store`. */
  keyFile?: string | undefined;
  clock?: (() => number) | undefined;
  /** Whether the process serves requests, so that connections to a server are opened in advance. */
  isServing?: boolean | undefined;
  warn?: ((message: string) => void) | undefined;
}

/** @throws {ConfigError} when the database or the file of sealing keys can't be used */
export async function openStore(settings: StoreSettings): Promise<OpenedStore> {
  const { database = '', sealingKeyFile = '', store, keyFile = '', clock, isServing, warn } = settings;
  const time = clock === undefined ? {} : { clock };
  if (store !== undefined) return { store, keys: fileKeyStore(keyFile, time) };
  if (!isPostgresUrl(database)) {
    return { store: openSqliteStore(database), keys: fileKeyStore(keyFileOf(database), time) };
  }
  const sealing = SealingKeys.read(sealingKeyFile);
  // Imported here, so that an app with SQLite doesn't load it.
  const { openPostgresStore } = await import('./postgres/open-store.ts');
  const options = { sealing, isServing, ...time, ...(warn && { warn }) };
  return await openPostgresStore(parsePostgresUrl(database), options);
}
