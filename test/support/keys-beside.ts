/** The signing keys of a server with a SQLite database, as the server itself finds them. */
import { fileKeyStore, type KeyStore, keyFileOf } from '@samesite-sso/core';

/** @param database the database's path */
export function keysBeside(database: string, clock?: () => number): KeyStore {
  return fileKeyStore(keyFileOf(database), { clock });
}
