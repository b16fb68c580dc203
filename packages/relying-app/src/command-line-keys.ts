/** Finds an app's signing keys by the options of the command line, and opens them for one command. */
import {
  ConfigError,
  fileKeyStore,
  isPostgresUrl,
  type KeyStore,
  keyFileOf,
  nameDatabaseVariable,
  nameSealingKeyVariable,
  parsePostgresUrl,
  requireFileNotMoved,
  validateDatabasePath,
  validatePath,
} from '@samesite-sso/core';
import { openStore } from './storage/open-store.ts';

export interface KeyOptions {
  database?: string | undefined;
  sealingKeyFile?: string | undefined;
  keyFile?: string | undefined;
}

/** How each option was set, for messages. A variable isn't in the list of processes. */
export type SourceOf = (option: keyof KeyOptions) => 'option' | 'variable';

/**
 * @returns why the options are wrong, or null
 * @throws {ConfigError} naming the variable that is wrong
 */
export function validateKeyOptions(options: KeyOptions, sourceOf: SourceOf): string | null {
  const { database, sealingKeyFile, keyFile } = options;
  if (keyFile !== undefined) {
    if (database !== undefined && sourceOf('database') === 'option')
      return '--key-file replaces --database: give only one of them';
    return describe('the path of the keys', validateDatabasePath(keyFile));
  }
  if (database === undefined) return "required option '--database <path>' not specified";
  const isUrl = isPostgresUrl(database);
  const databaseReason = isUrl ? validateUrl(database, sourceOf) : validateDatabasePath(database);
  if (databaseReason !== null && sourceOf('database') === 'variable')
    throw new ConfigError(`APP_DATABASE ${databaseReason}`);
  const reason = describe(`the ${isUrl ? 'URL' : 'path'} of the database`, databaseReason);
  if (reason !== null || sealingKeyFile === undefined) return reason;
  const fileReason = validatePath(sealingKeyFile);
  if (fileReason !== null && sourceOf('sealingKeyFile') === 'variable')
    throw new ConfigError(`APP_SEALING_KEY_FILE ${fileReason}`);
  return describe('the path of the sealing keys', fileReason);
}

function describe(subject: string, reason: string | null): string | null {
  return reason === null ? null : `${subject} ${reason}`;
}

function validateUrl(database: string, sourceOf: SourceOf): string | null {
  try {
    const { password } = parsePostgresUrl(database);
    if (password === undefined || sourceOf('database') === 'variable') return null;
    return 'has a password, which every list of processes shows: use APP_DATABASE or PGPASSFILE instead';
  } catch (error) {
    return (error as Error).message;
  }
}

/** @throws {ConfigError} when the keys can't be read */
export async function withKeys<Result>(
  { database = '', sealingKeyFile, keyFile }: KeyOptions,
  sourceOf: SourceOf,
  work: (keys: KeyStore) => Promise<Result>,
): Promise<Result> {
  if (keyFile !== undefined) return await work(fileKeyStore(keyFile));
  const databaseName = sourceOf('database') === 'option' ? '--database' : 'APP_DATABASE';
  if (!isPostgresUrl(database)) {
    await nameDatabaseVariable(databaseName, async () => requireFileNotMoved(database));
    return await work(fileKeyStore(keyFileOf(database)));
  }
  const fileName = sourceOf('sealingKeyFile') === 'option' ? '--sealing-key-file' : 'APP_SEALING_KEY_FILE';
  if (sealingKeyFile === undefined)
    throw new ConfigError(`${fileName} is missing: keys in a PostgreSQL database must be sealed`);
  return await nameDatabaseVariable(databaseName, () =>
    nameSealingKeyVariable(fileName, async () => {
      const { store, keys } = await openStore({ database, sealingKeyFile });
      try {
        return await work(keys);
      } finally {
        await store.close();
      }
    }),
  );
}
