/** How commands open the service's signing keys: the file beside a SQLite database, or rows of PostgreSQL. */
import {
  fileKeyStore,
  isPostgresUrl,
  type KeyStore,
  keyFileOf,
  listKeys,
  nameDatabaseVariable,
  nameSealingKeyVariable,
  requireFileNotMoved,
  type SealingKeys,
} from '@samesite-sso/core';
import {
  databasePath,
  optional,
  required,
  requireSealingKeys,
  sealingKeys,
} from '@samesite-sso/server/config';
import type { AuditContext, Stores } from '../storage/stores.ts';
import { existingDatabase, withStores } from './command.ts';

export interface KeyPlace {
  database: string;
  sealing: SealingKeys | null;
}

/** For `readEnvironment`, together with {@link toKeyPlace} as a derivation. */
export const KEY_VARIABLES = {
  SSO_DATABASE: required(databasePath),
  SSO_SEALING_KEY_FILE: optional(sealingKeys, null),
};

/** @throws {ConfigError} if there is no database, or the sealing keys that it needs are missing */
export function toKeyPlace(values: {
  SSO_DATABASE: string;
  SSO_SEALING_KEY_FILE: SealingKeys | null;
}): KeyPlace {
  const database = existingDatabase(values.SSO_DATABASE);
  const sealing = requireSealingKeys('SSO_SEALING_KEY_FILE', database, values.SSO_SEALING_KEY_FILE);
  return { database, sealing };
}

/** @throws {ConfigError} if the keys can't be read */
export async function withSigningKeys<Result>(
  { database, sealing }: KeyPlace,
  work: (keys: KeyStore) => Promise<Result>,
): Promise<Result> {
  if (!isPostgresUrl(database)) return await work(await openKeyFile(database));
  return await withSealedStores({ database, sealing }, (stores) => work(stores.signingKeys(null)));
}

/**
 * Like {@link withSigningKeys}, for a change, which the audit trail records.
 *
 * @throws {KeyRotationError} if there are no keys
 */
export async function changeSigningKeys<Result>(
  place: KeyPlace,
  context: AuditContext,
  change: (keys: KeyStore) => Promise<Result>,
): Promise<Result> {
  // Throws if there are no keys, before opening the database upgrades its schema.
  if (!isPostgresUrl(place.database)) await listKeys(await openKeyFile(place.database));
  return await withSealedStores(place, (stores) => change(stores.signingKeys(context)));
}

/** Doesn't open the database as a store: it may be of an earlier version, or locked. */
async function openKeyFile(database: string): Promise<KeyStore> {
  await nameDatabaseVariable('SSO_DATABASE', async () => requireFileNotMoved(database));
  return fileKeyStore(keyFileOf(database));
}

/** Opens the database for work on sealed secrets. @throws {ConfigError} that names the variable */
export async function withSealedStores<Result>(
  { database, sealing }: KeyPlace,
  work: (stores: Stores) => Promise<Result>,
): Promise<Result> {
  return await nameDatabaseVariable('SSO_DATABASE', () =>
    nameSealingKeyVariable('SSO_SEALING_KEY_FILE', () => withStores(database, work, { sealing })),
  );
}
