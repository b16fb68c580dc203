/** A PostgreSQL database with the table of signing keys alone, and files of sealing keys. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PostgresDatabase } from '../database/postgres/postgres-database.ts';
import { parsePostgresUrl } from '../database/postgres-url.ts';
import { type PostgresKeyStoreOptions, postgresKeyStore, SIGNING_KEY_TABLE } from './postgres-key-store.ts';
import { SealingKeys } from './sealing-keys.ts';

export async function openKeyDatabase(url: string): Promise<PostgresDatabase> {
  return await PostgresDatabase.open(parsePostgresUrl(url), {
    program: 'sso',
    migrations: [SIGNING_KEY_TABLE],
  });
}

/** @returns the store of the SSO service's keys, unless the options say otherwise */
export function keyStoreIn(
  database: PostgresDatabase,
  sealingKeyFile: string,
  options: Partial<PostgresKeyStoreOptions> = {},
) {
  const sealing = SealingKeys.read(sealingKeyFile);
  return postgresKeyStore(database, { purpose: 'sso signing key', sealing, ...options });
}

export const newSealingKey = () => randomBytes(32).toString('base64');

export function sealingKeyFile(folder: string, ...keys: string[]): string {
  const file = join(folder, `${randomBytes(4).toString('hex')}.sealing`);
  writeFileSync(file, keys.map((key) => `${key}\n`).join(''), { mode: 0o600 });
  return file;
}
