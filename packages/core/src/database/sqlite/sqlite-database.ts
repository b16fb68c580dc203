/** Opens a SQLite file safely, migrates it to the newest schema, and handles its failures for all stores. */
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { DatabaseError } from '../../files/config-error.ts';
import { requirePrivateDatabase } from '../../files/private-file.ts';
import { HttpProblem } from '../../problem/http-problem.ts';
import { inodeOf, openedPath, requireDatabasePath } from './database-file.ts';
import { requireNotMoved } from './moved-mark.ts';
import { isDamaged, isLocked, isUnavailable, LOCK_RETRY_MS, LOCK_TIMEOUT_MS } from './unavailability.ts';
import { WriteQueue } from './write-queue.ts';

/** At start another process may be migrating. */
const OPEN_LOCK_TIMEOUT_MS = 5000;

export class SqliteDatabase {
  readonly sqlite: Sqlite.Database;
  readonly #file: string;
  readonly #inode: bigint | null;
  readonly #writes: WriteQueue;
  #isDamaged = false;
  #hasFailed = false;
  /** Null until it is checked. */
  #isReplaced: boolean | null = null;

  /**
   * @param file the database's path; the file is created if missing, its folder isn't
   * @param migrations SQL scripts in order; each runs once, and new ones are appended
   * @throws {DatabaseError} when others may open it, or it can't be opened, isn't a database, has a newer
   *   schema, or was moved to PostgreSQL
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
      requireNotMoved(this.sqlite, file);
      this.sqlite.pragma('journal_mode = WAL');
      // With synchronous=NORMAL a power cut could bring back a redeemed token or an ended session.
      this.sqlite.pragma('synchronous = FULL');
      this.sqlite.pragma('foreign_keys = ON');
      migrate(this.sqlite, migrations);
      // From here on nothing waits inside SQLite, which would block the whole process: see `run`.
      this.sqlite.pragma('busy_timeout = 0');
      this.#inode = inodeOf(opened);
      this.#writes = new WriteQueue(this.sqlite, (work) => {
        this.#isReplaced = null;
        this.attempt(work);
      });
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
    const reason = this.#checkFile() ? 'was moved, deleted or replaced' : this.#isDamaged && 'is damaged';
    if (reason) throw new HttpProblem('unavailable', { logReason: `${this.#file} ${reason}` });
    try {
      return work();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      this.#hasFailed = true;
      // After one damaged page, others may be wrong too, so the database isn't used again.
      if (isDamaged(error)) this.#isDamaged = true;
      throw new HttpProblem('unavailable', { logReason: `${error.code}: ${error.message}` });
    }
  }

  /**
   * Returns whether the file was moved, deleted or replaced: SQLite would still use the old one, and what it
   * writes there is lost. Checks once for all reads of a turn of the event loop, because a check takes half
   * as long as a read, and again before each commit.
   */
  #checkFile(): boolean {
    if (this.#isReplaced === null) {
      this.#isReplaced = inodeOf(this.#file) !== this.#inode;
      setImmediate(() => {
        this.#isReplaced = null;
      });
    }
    return this.#isReplaced;
  }

  /**
   * Runs a write soon, in one transaction with the others of this turn of the event loop, so that the disk is
   * synced once for all of them. A write that throws is rolled back alone. Waits for another process's lock
   * as `run` does. The promise settles after the commit; until then, reads might not see the write.
   *
   * @throws {HttpProblem} `unavailable`, within 1 s
   */
  write<Result>(work: () => Result): Promise<Result> {
    return this.#writes.add(work);
  }

  /**
   * Runs work on the database, now if possible, and retries for a while if another process holds its lock. It
   * waits here and not in SQLite, so that the process handles other requests meanwhile. For reads: a write
   * would get a transaction, and a sync of the disk, of its own.
   *
   * @throws {HttpProblem} `unavailable`, within 1 s
   */
  async run<Result>(work: () => Result): Promise<Result> {
    const deadlineMs = performance.now() + LOCK_TIMEOUT_MS;
    for (;;) {
      try {
        return this.attempt(work);
      } catch (error) {
        if (!isLocked(error) || performance.now() > deadlineMs) throw error;
        await delay(LOCK_RETRY_MS);
      }
    }
  }

  /**
   * Runs one slice of background work in a transaction, and then checkpoints the write-ahead log. Otherwise
   * SQLite would checkpoint many slices at the commit that fills the log, and a request would wait for it.
   *
   * @throws {HttpProblem} `unavailable`, within 1 s
   */
  async runInBackground<Result>(slice: () => Result): Promise<Result> {
    const transaction = this.sqlite.transaction(slice);
    return await this.run(() => {
      const result = transaction.immediate();
      this.sqlite.pragma('wal_checkpoint(PASSIVE)');
      return result;
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

  /** Commits the writes that still wait, unless they can't be committed now. */
  close(): void {
    this.#writes.close();
    this.sqlite.close();
  }
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
