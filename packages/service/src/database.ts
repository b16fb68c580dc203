/**
 * A SQLite file, opened safely, brought to the newest schema, and watched. It owns how the database can
 * fail; what is in it belongs to the stores.
 */
import { closeSync, openSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { Refusal } from './refusal.ts';
import { StartFault } from './start-fault.ts';

/** Milliseconds that work waits for a lock, well below the second within which a client must be told. */
const LOCK_PATIENCE = 300;
const LOCK_RETRY = 10;
const GONE_CHECK = 250;

export class Database {
  readonly sqlite: Sqlite.Database;
  readonly #file: string;
  readonly #inode: number | null;
  readonly #watch: NodeJS.Timeout;
  #isGone = false;

  /**
   * @param file the database's path; made if missing, its folder is not
   * @param migrations SQL scripts in order, each run once and for ever; new ones are appended
   * @throws {StartFault} when it cannot be opened, is no database, or is of a newer version
   */
  constructor(file: string, migrations: readonly string[]) {
    try {
      closeSync(openSync(file, 'a', 0o600)); // SQLite gives its -wal and -shm files the same mode.
      this.sqlite = new Sqlite(file, { timeout: 5000 });
      // With synchronous=NORMAL a power cut could bring back a spent token or an ended session.
      this.sqlite.pragma('journal_mode = WAL');
      this.sqlite.pragma('synchronous = FULL');
      this.sqlite.pragma('foreign_keys = ON');
      migrate(this.sqlite, migrations);
      // From here on nothing waits inside SQLite, where it would stop the whole process: see `run`.
      this.sqlite.pragma('busy_timeout = 0');
    } catch (error) {
      throw new StartFault(`${file} cannot be used as a database: ${(error as Error).message}`);
    }
    this.#file = file;
    this.#inode = inodeOf(file);
    // SQLite goes on writing to a file that was deleted or replaced, and nobody would ever read it.
    this.#watch = setInterval(() => {
      this.#isGone = inodeOf(file) !== this.#inode;
    }, GONE_CHECK).unref();
  }

  /**
   * Runs work on the database once, now.
   *
   * @throws {Refusal} `unavailable` when the database is locked, full or gone
   */
  attempt<Result>(work: () => Result): Result {
    if (this.#isGone) throw new Refusal('unavailable', { detail: `${this.#file} is gone` });
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Sqlite.SqliteError) || !UNAVAILABLE.test(error.code)) throw error;
      throw new Refusal('unavailable', { detail: `${error.code}: ${error.message}` });
    }
  }

  /**
   * Runs work on the database, trying again for a while if another process holds its lock. The waiting is
   * done here and not by SQLite, so that the process goes on answering meanwhile.
   *
   * @throws {Refusal} `unavailable`, within 1 s
   */
  async run<Result>(work: () => Result): Promise<Result> {
    const patience = performance.now() + LOCK_PATIENCE;
    for (;;) {
      try {
        return this.attempt(work);
      } catch (error) {
        const isLocked = error instanceof Refusal && /^SQLITE_(BUSY|LOCKED)/.test(error.detail ?? '');
        if (!isLocked || performance.now() > patience) throw error;
        await pause(LOCK_RETRY);
      }
    }
  }

  /** Whether it answers. */
  isReady(): boolean {
    try {
      return (
        this.attempt(() => this.sqlite.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get()) !== undefined
      );
    } catch {
      return false;
    }
  }

  close(): void {
    clearInterval(this.#watch);
    this.sqlite.close();
  }
}

/** SQLite's result codes for a database that cannot serve now, through no fault of the statement. */
const UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|CORRUPT|NOTADB|PROTOCOL)/;

/** What tells a file from another of its name, or null when nothing can be said of it. */
function inodeOf(file: string): number | null {
  try {
    return statSync(file).ino;
  } catch {
    return null;
  }
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
