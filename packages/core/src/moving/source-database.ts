/** The SQLite database whose content is moved, while no other process has it open. */
import { existsSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { SqliteDatabase } from '../database/sqlite/sqlite-database.ts';
import { DatabaseError } from '../files/config-error.ts';

/** Long enough for a program that is exiting to close the database. */
const LOCK_TIMEOUT_MS = 2000;

/**
 * Opens the database, migrates it to the newest schema, and begins a transaction that lets no other process
 * read or write. Nothing changes if it is in use.
 *
 * @param table a table of every version of the program
 * @throws {DatabaseError} if it doesn't exist, is in use, was moved already, is another program's, or can't
 *   be used
 */
export function openSource(file: string, migrations: readonly string[], table: string): SqliteDatabase {
  if (!existsSync(file)) throw new DatabaseError(`database ${file} not found`);
  requireUnused(file, table); // Before the migration: an earlier version of the program may be running.
  const database = new SqliteDatabase(file, migrations);
  try {
    database.sqlite.pragma(`busy_timeout = ${LOCK_TIMEOUT_MS}`);
    beginAlone(database.sqlite, file);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function requireUnused(file: string, table: string): void {
  const sqlite = new Sqlite(file, { fileMustExist: true, timeout: LOCK_TIMEOUT_MS });
  try {
    requireTable(sqlite, file, table); // Before anything in the file changes.
    beginAlone(sqlite, file);
  } finally {
    sqlite.close();
  }
}

function requireTable(sqlite: Sqlite.Database, file: string, table: string): void {
  let found: unknown;
  try {
    found = sqlite.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table);
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    throw code === 'SQLITE_BUSY'
      ? inUse(file)
      : new DatabaseError(`${file} can't be used as a database: ${message}`);
  }
  if (found === undefined)
    throw new DatabaseError(`${file} is another program's database: it has no table ${table}`);
}

/**
 * Leaving WAL mode puts everything into one file, and fails while another process has the database open, even
 * one that is idle (https://sqlite.org/wal.html#persistence_of_wal_mode). A killed process leaves no lock. In
 * the mode DELETE, an exclusive transaction also keeps others from reading.
 */
function beginAlone(sqlite: Sqlite.Database, file: string): void {
  try {
    sqlite.pragma('journal_mode = DELETE');
    sqlite.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code === 'SQLITE_BUSY') throw inUse(file);
    throw new DatabaseError(`${file} can't be used as a database: ${message}`);
  }
  // A server that has started between the two statements has entered WAL mode again.
  if (sqlite.pragma('journal_mode', { simple: true }) !== 'delete') throw inUse(file);
}

function inUse(file: string): DatabaseError {
  return new DatabaseError(`${file} is in use by another process: stop the server first`);
}
