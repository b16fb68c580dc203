/**
 * A SQLite file, opened safely, brought to the newest schema, and watched. It owns how the database can
 * fail; what is in it belongs to the stores.
 */
import { accessSync, closeSync, constants, existsSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { DatabaseFault } from '../files/config-error.ts';
import { validateDatabasePath } from '../files/file-path.ts';
import { requirePrivateDatabase } from '../files/private-file.ts';
import { HttpProblem } from '../problem/http-problem.ts';
import { WatchedFile } from './watched-file.ts';

/** Milliseconds that work waits for a lock, well below the second within which a client must be told. */
const LOCK_PATIENCE = 300;
const LOCK_RETRY = 10;

export class Database {
  readonly sqlite: Sqlite.Database;
  readonly #name: string;
  readonly #file: WatchedFile;
  #isDamaged = false;
  #hasFailed = false;

  /**
   * @param file the database's path; made if missing, its folder is not
   * @param migrations SQL scripts in order, each run once and for ever; new ones are appended
   * @throws {DatabaseFault} when it is open to others, cannot be opened, is no database, or is of a newer
   *   version
   */
  constructor(file: string, migrations: readonly string[]) {
    requireDatabasePath(file);
    let used: string;
    try {
      closeSync(openSync(file, 'a', 0o600)); // SQLite gives its -wal and -shm files the same mode.
      requirePrivateDatabase(file);
      this.sqlite = new Sqlite(file, { timeout: 5000 });
      used = fileInUse(this.sqlite);
      requirePrivateDatabase(used);
      // With synchronous=NORMAL a power cut could bring back a spent token or an ended session.
      this.sqlite.pragma('journal_mode = WAL');
      this.sqlite.pragma('synchronous = FULL');
      this.sqlite.pragma('foreign_keys = ON');
      migrate(this.sqlite, migrations);
      // From here on nothing waits inside SQLite, where it would stop the whole process: see `run`.
      this.sqlite.pragma('busy_timeout = 0');
    } catch (error) {
      if (error instanceof DatabaseFault) throw error;
      throw new DatabaseFault(`${file} cannot be used as a database: ${(error as Error).message}`);
    }
    this.#name = file;
    this.#file = new WatchedFile(file, used);
  }

  /**
   * Runs work on the database once, now.
   *
   * @throws {HttpProblem} `unavailable` when the database is locked, full, damaged or gone
   */
  attempt<Result>(work: () => Result): Result {
    const fault = this.#file.isGone ? 'is gone, or is another by now' : this.#isDamaged && 'is damaged';
    if (fault) throw new HttpProblem('unavailable', { logReason: `${this.#name} ${fault}` });
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Sqlite.SqliteError) || !UNAVAILABLE.test(error.code)) throw error;
      this.#hasFailed = true;
      // What else is found in it may be wrong as well: nobody is served any more.
      if (DAMAGED.test(error.code)) this.#isDamaged = true;
      throw new HttpProblem('unavailable', { logReason: `${error.code}: ${error.message}` });
    }
  }

  /**
   * Runs work on the database, trying again for a while if another process holds its lock. The waiting is
   * done here and not by SQLite, so that the process goes on answering meanwhile.
   *
   * @throws {HttpProblem} `unavailable`, within 1 s
   */
  async run<Result>(work: () => Result): Promise<Result> {
    const patience = performance.now() + LOCK_PATIENCE;
    for (;;) {
      try {
        return this.attempt(work);
      } catch (error) {
        const isLocked = error instanceof HttpProblem && /^SQLITE_(BUSY|LOCKED)/.test(error.logReason ?? '');
        if (!isLocked || performance.now() > patience) throw error;
        await pause(LOCK_RETRY);
      }
    }
  }

  /**
   * Runs one slice of background work in one transaction, and then checkpoints the write-ahead log. Otherwise
   * SQLite would checkpoint many slices at once, at the commit that fills the log, and stall a request for as
   * long as several slices take. Only the checkpoint is synced, not the commit: a power cut in between undoes
   * a whole slice, so this is only for work that is done again later.
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
   * Whether it answers, within 1 s. Where something has failed it must take a write, too: one that is locked, or on
   * a full disk, can still be read. Without that, whoever asks would make it write.
   */
  async isReady(): Promise<boolean> {
    try {
      await this.run(() => {
        this.sqlite.pragma('application_id');
        if (this.#hasFailed) this.sqlite.pragma('application_id = 0'); // As it is: written, and nothing changed.
      });
      this.#hasFailed = false;
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    this.#file.stop();
    this.sqlite.close();
  }
}

/** SQLite's result codes for a database that cannot serve now, through no fault of the statement. */
const UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|CORRUPT|NOTADB|PROTOCOL)/;

const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/;

/**
 * Checks whether a database can be opened, without changing anything, so that a process can report this fault
 * together with its others.
 *
 * @throws {DatabaseFault} when it can't be opened
 */
export function requireUsableDatabase(file: string): void {
  requireDatabasePath(file);
  const isThere = existsSync(file);
  if (isThere) requirePrivateDatabase(file);
  try {
    if (isThere) accessSync(file, constants.R_OK | constants.W_OK);
    else accessSync(path.dirname(file), constants.W_OK | constants.X_OK);
    if (isThere) refuseOtherFile(file);
  } catch (error) {
    throw new DatabaseFault(`${file} cannot be used as a database: ${(error as Error).message}`);
  }
}

function requireDatabasePath(file: string): void {
  const fault = validateDatabasePath(file);
  if (fault !== null) throw new DatabaseFault(`the path of the database ${fault}`);
}

/**
 * Reads just enough to refuse a file that isn't a database. A locked or damaged database isn't refused here.
 */
function refuseOtherFile(file: string): void {
  const sqlite = new Sqlite(file, { readonly: true, timeout: 0 });
  try {
    sqlite.pragma('schema_version');
  } catch (error) {
    if (error instanceof Sqlite.SqliteError && error.code === 'SQLITE_NOTADB') throw error;
  } finally {
    sqlite.close();
  }
}

/** The path that SQLite opened. It follows symbolic links. */
function fileInUse(sqlite: Sqlite.Database): string {
  const databases = sqlite.pragma('database_list') as { name: string; file: string }[];
  return databases.find(({ name }) => name === 'main')?.file ?? '';
}

function migrate(sqlite: Sqlite.Database, migrations: readonly string[]): void {
  // The version is read under the write lock: two processes that start at once migrate once.
  const bringUpToDate = sqlite.transaction(() => {
    const version = sqlite.pragma('user_version', { simple: true }) as number;
    if (version > migrations.length)
      throw new Error(`it is of version ${version}, this program knows ${migrations.length}`);
    for (const script of migrations.slice(version)) sqlite.exec(script);
    sqlite.pragma(`user_version = ${migrations.length}`);
  });
  bringUpToDate.immediate();
}
