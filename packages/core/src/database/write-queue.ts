/**
 * Commits the writes that arrive at about the same time together, since syncing the disk takes longer than
 * the writes do. Each runs in a savepoint, so that one that fails is undone alone.
 */
import type Sqlite from 'better-sqlite3';
import { describeError, HttpProblem } from '../problem/http-problem.ts';
import { isLocked, isUnavailable, LOCK_RETRY_MS, LOCK_TIMEOUT_MS } from './unavailability.ts';

/** The longest time for which writes wait for further ones, while each turn of the event loop brings some. */
const MAX_GATHERING_MS = 5;

/**
 * Starts no further write in a transaction that has lasted this long. Reads and other processes wait for the
 * whole transaction, and after another process's lock hundreds of writes may wait.
 */
const MAX_TRANSACTION_MS = 10;

interface Write {
  work: () => unknown;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
  lockTimeoutAtMs: number;
}

export class WriteQueue {
  readonly #sqlite: Sqlite.Database;
  readonly #attempt: (work: () => void) => void;
  /** Within a transaction, better-sqlite3 makes a nested one a savepoint. */
  readonly #runInSavepoint: (work: () => unknown) => unknown;
  /** In order of arrival. While it isn't empty, a commit is scheduled. */
  #waiting: Write[] = [];

  /** @param attempt runs work on the database now, and throws `unavailable` if the database can't be used */
  constructor(sqlite: Sqlite.Database, attempt: (work: () => void) => void) {
    this.#sqlite = sqlite;
    this.#attempt = attempt;
    this.#runInSavepoint = sqlite.transaction((work: () => unknown) => work());
  }

  /** Settles after the commit. */
  add<Result>(work: () => Result): Promise<Result> {
    return new Promise<unknown>((resolve, reject) => {
      const write = { work, resolve, reject, lockTimeoutAtMs: performance.now() + LOCK_TIMEOUT_MS };
      if (this.#waiting.push(write) === 1) this.#gather(1, performance.now() + MAX_GATHERING_MS);
    }) as Promise<Result>;
  }

  /** Commits what still waits, or refuses it if it can't be committed now. */
  close(): void {
    for (const write of this.#waiting) write.lockTimeoutAtMs = 0;
    while (this.#waiting.length > 0) this.#commit();
  }

  /**
   * Commits at the end of this turn of the event loop. If it has brought more writes than one, the next turn
   * may add to them: the requests that came in meanwhile. A write without company waits for none.
   */
  #gather(count: number, endsAtMs: number): void {
    setImmediate(() => {
      const isGrowing = this.#waiting.length > count && performance.now() < endsAtMs;
      if (isGrowing) this.#gather(this.#waiting.length, endsAtMs);
      else this.#commit();
    });
  }

  #commit(): void {
    if (this.#waiting.length === 0) return; // Closed since this commit was scheduled.
    let settlements: (() => void)[] = [];
    let hasBegun = false;
    const transaction = this.#sqlite.transaction(() => {
      hasBegun = true;
      this.#runWaiting(settlements);
    });
    try {
      this.#attempt(transaction.immediate);
    } catch (error) {
      if (!hasBegun && isLocked(error)) {
        this.#waitForLock(error);
        return;
      }
      // Nothing is committed, so no write may be reported as done, not even one that hasn't failed.
      const problem = toUnavailable(error);
      settlements = this.#waiting.map(
        ({ reject }) =>
          () =>
            reject(problem),
      );
    }
    this.#waiting.splice(0, settlements.length);
    if (this.#waiting.length > 0) setImmediate(() => this.#commit());
    for (const settle of settlements) settle();
  }

  /** @param settlements receives a function for each write that ran; it settles the write's promise */
  #runWaiting(settlements: (() => void)[]): void {
    const endsAtMs = performance.now() + MAX_TRANSACTION_MS;
    for (const write of this.#waiting) {
      settlements.push(this.#runOne(write));
      if (performance.now() >= endsAtMs) return;
    }
  }

  #runOne({ work, resolve, reject }: Write): () => void {
    try {
      const result = this.#runInSavepoint(work);
      return () => resolve(result);
    } catch (error) {
      // A full or failing disk makes SQLite roll back the whole transaction. The next write would then run,
      // and be committed, outside of any.
      if (isUnavailable(error) || !this.#sqlite.inTransaction) throw error;
      return () => reject(error);
    }
  }

  #waitForLock(problem: unknown): void {
    const now = performance.now();
    const expired = this.#waiting.filter(({ lockTimeoutAtMs }) => now > lockTimeoutAtMs);
    this.#waiting = this.#waiting.slice(expired.length);
    if (this.#waiting.length > 0) setTimeout(() => this.#commit(), LOCK_RETRY_MS);
    for (const { reject } of expired) reject(problem);
  }
}

function toUnavailable(error: unknown): HttpProblem {
  if (error instanceof HttpProblem && error.code === 'unavailable') return error;
  return new HttpProblem('unavailable', { logReason: describeError(error) });
}
