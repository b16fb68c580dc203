/** Checks the file of a database: its path before it is opened, and its inode while it is open. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { DatabaseError } from '../../files/config-error.ts';
import { quote } from '../../files/escape-control-characters.ts';
import { validateDatabasePath } from '../../files/file-path.ts';
import { requirePrivateDatabase } from '../../files/private-file.ts';

/**
 * Checks whether a database can be opened, without changing anything, so that a process can report this error
 * together with others.
 *
 * @throws {DatabaseError} when it can't be opened
 */
export function requireUsableDatabase(file: string): void {
  requireDatabasePath(file);
  const isPresent = existsSync(file);
  if (isPresent) requirePrivateDatabase(file);
  try {
    if (isPresent) accessSync(file, constants.R_OK | constants.W_OK);
    else accessSync(path.dirname(file), constants.W_OK | constants.X_OK);
    if (isPresent) requireDatabaseFormat(file);
  } catch (error) {
    throw new DatabaseError(`${file} can't be used as a database: ${(error as Error).message}`);
  }
}

export function requireDatabasePath(file: string): void {
  const reason = validateDatabasePath(file);
  if (reason !== null) throw new DatabaseError(`the path of the database ${reason} (it is ${quote(file)})`);
}

/** Reads just enough to recognize a file that isn't a database. A locked or damaged database passes. */
function requireDatabaseFormat(file: string): void {
  const sqlite = new Sqlite(file, { readonly: true, timeout: 0 });
  try {
    sqlite.pragma('schema_version');
  } catch (error) {
    if (error instanceof Sqlite.SqliteError && error.code === 'SQLITE_NOTADB') throw error;
  } finally {
    sqlite.close();
  }
}

/** Returns null if the file is missing or empty: SQLite would serve a truncated one from its cache. */
export function inodeOf(file: string): bigint | null {
  try {
    const { ino, size } = statSync(file, { bigint: true });
    return size === 0n ? null : ino;
  } catch {
    return null;
  }
}

/** Returns the path that SQLite opened, with symbolic links resolved. */
export function openedPath(sqlite: Sqlite.Database): string {
  const databases = sqlite.pragma('database_list') as { name: string; file: string }[];
  return databases.find(({ name }) => name === 'main')?.file ?? '';
}
