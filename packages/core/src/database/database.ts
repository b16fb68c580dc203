/** Opens a SQLite file safely, migrates it to the newest schema, and handles its failures for all stores. */
import { accessSync, closeSync, constants, existsSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { DatabaseError } from '../files/config-error.ts';
import { quote } from '../files/escape-control-characters.ts';
import { validateDatabasePath } from '../files/file-path.ts';
import { requirePrivateDatabase } from '../files/private-file.ts';
import { HttpProblem } from '../problem/http-problem.ts';

/** At start another process may be migrating. */
const OPEN_LOCK_TIMEOUT_MS = 5000;
/** Well below the second within which a client must get its response. */
const LOCK_TIMEOUT_MS = 300;
const LOCK_RETRY_MS = 10;

export class Database {
  readonly sqlite: Sqlite.Database;
  readonly #file: string;
  readonly #inode: bigint | null;
  #isDamaged = false;
  #hasFailed = false;

  /**
   * @param file the database's path; the file is created if missing, its folder isn't
   * @param migrations SQL scripts in order; each runs once, and new ones are appended
   * @throws {DatabaseError} when others may open it, or it can't be opened, isn't a database, or has a newer
   *   schema
   */
  constructor(file: string, migrations: readonly string[]) {
    requireDatabasePath(file);
    this.#file = file;
    try {
      closeSync(openSync(file, 'a', 0o600)); // SQLite gives its -wal and -shm files the same mode.
      requirePrivateDatabase(file);
      this.sqlite = new Sqlite(file, { timeout: OPEN_LOCK_TIMEOUT_MS });
      const opened = openedPath(this.sqlite);
      requirePrivateDatabase(opened);
      // With synchronous=NORMAL a power cut could bring back a redeemed token or an ended session.
      this.sqlite.pragma('journal_mode = WAL');
      this.sqlite.pragma('synchronous = FULL');
      this.sqlite.pragma('foreign_keys = ON');
      migrate(this.sqlite, migrations);
      // From here on nothing waits inside SQLite, which would block the whole process: see `run`.
      this.sqlite.pragma('busy_timeout = 0');
      this.#inode = inodeOf(opened);
    } catch (error) {
      if (error instanceof DatabaseError) throw error;
      throw new DatabaseError(`${file} can't be used as a database: ${(error as Error).message}`);
    }
  }

  /**
   * Runs work on the database once, now.
   *
   * @throws {HttpProblem} `unavailable` when the database is locked, full, damaged or replaced
   */
  attempt<Result>(work: () => Result): Result {
    // SQLite goes on writing to a file that was moved, deleted or replaced, and what it writes there is lost.
    const isReplaced = inodeOf(this.#file) !== this.#inode;
    const reason = isReplaced ? 'was moved, deleted or replaced' : this.#isDamaged && 'is damaged';
    if (reason) throw new HttpProblem('unavailable', { logReason: `${this.#file} ${reason}` });
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Sqlite.SqliteError) || !UNAVAILABLE.test(error.code)) throw error;
      this.#hasFailed = true;
      // After one damaged page, others may be wrong too, so the database isn't used again.
      if (DAMAGED.test(error.code)) this.#isDamaged = true;
      throw new HttpProblem('unavailable', { logReason: `${error.code}: ${error.message}` });
    }
  }

  /**
   * Runs work on the database, and retries for a while if another process holds its lock. It waits here and
   * not in SQLite, so that the process handles other requests meanwhile.
   *
   * @throws {HttpProblem} `unavailable`, within 1 s
   */
  async run<Result>(work: () => Result): Promise<Result> {
    const deadlineMs = performance.now() + LOCK_TIMEOUT_MS;
    for (;;) {
      try {
        return this.attempt(work);
      } catch (error) {
        const isLocked = error instanceof HttpProblem && /^SQLITE_(BUSY|LOCKED)/.test(error.logReason ?? '');
        if (!isLocked || performance.now() > deadlineMs) throw error;
        await delay(LOCK_RETRY_MS);
      }
    }
  }

  /**
   * Runs one slice of background work in a transaction, and then checkpoints the write-ahead log. Otherwise
   * SQLite would checkpoint many slices at the commit that fills the log, and stall a request for as long as
   * several slices take. Only the checkpoint is synced, not the commit: a power cut in between undoes a whole
   * slice, so use it only for work that is repeated later.
   *
   * @throws {HttpProblem} `unavailable`, within 1 s
   */
  async runInBackground<Result>(slice: () => Result): Promise<Result> {
    const transaction = this.sqlite.transaction(slice);
    return await this.run(() => {
      this.sqlite.pragma('synchronous = NORMAL');
      try {
        return transaction.immediate();
      } finally {
        this.sqlite.pragma('synchronous = FULL');
        this.sqlite.pragma('wal_checkpoint(PASSIVE)');
      }
    });
  }

  /**
   * Returns within 1 s whether the database can be used. After a failure it must also take a write, since a
   * locked database or one on a full disk can still be read. Otherwise nothing is written: any client can
   * request this check.
   */
  async isReady(): Promise<boolean> {
    try {
      await this.run(() => {
        this.sqlite.pragma('application_id');
        if (this.#hasFailed) this.sqlite.pragma('application_id = 0'); // A write that changes nothing.
      });
      this.#hasFailed = false;
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    this.sqlite.close();
  }
}

/** SQLite's result codes for a database that can't be used now, regardless of the statement. */
const UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|CORRUPT|NOTADB|PROTOCOL)/;

const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/;

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

function requireDatabasePath(file: string): void {
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
function inodeOf(file: string): bigint | null {
  try {
    const { ino, size } = statSync(file, { bigint: true });
    return size === 0n ? null : ino;
  } catch {
    return null;
  }
}

/** Returns the path that SQLite opened, with symbolic links resolved. */
function openedPath(sqlite: Sqlite.Database): string {
  const databases = sqlite.pragma('database_list') as { name: string; file: string }[];
  return databases.find(({ name }) => name === 'main')?.file ?? '';
}

function migrate(sqlite: Sqlite.Database, migrations: readonly string[]): void {
  // The version is read under the write lock, so that two processes that start together migrate once.
  const newest = migrations.length;
  const migrateOnce = sqlite.transaction(() => {
    const version = sqlite.pragma('user_version', { simple: true }) as number;
    if (version > newest)
      throw new Error(`its schema version is ${version}, but this program supports only up to ${newest}`);
    for (const script of migrations.slice(version)) sqlite.exec(script);
    sqlite.pragma(`user_version = ${newest}`);
  });
  migrateOnce.immediate();
}
