/**
 * Commits the writes of one turn of the event loop in one transaction, since syncing the disk takes longer
 * than the writes do. Each runs in a savepoint, so that one that fails is rolled back alone.
 */
import type Sqlite from 'better-sqlite3';
import { describeError, HttpProblem } from '../../problem/http-problem.ts';
import { isLocked, isUnavailable, LOCK_RETRY_MS, LOCK_TIMEOUT_MS } from './unavailability.ts';

/**
 * Starts no further write in a transaction that has lasted this long. Requests to this process and writes of
 * other processes wait for the whole transaction, and hundreds of writes may be waiting after another process
 * held the lock.
 */
const MAX_TRANSACTION_MS = 10;

interface Write {
  work: () => unknown;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
  lockTimeoutAtMs: number;
}

/** How the promise of a write settles once the transaction has ended. */
interface Outcome {
  write: Write;
  settle: 'resolve' | 'reject';
  value: unknown;
}

export class WriteQueue {
  readonly #sqlite: Sqlite.Database;
  readonly #attempt: (work: () => void) => void;
  /** Within a transaction, better-sqlite3 makes a nested one a savepoint. */
  readonly #transact: Sqlite.Transaction<(work: () => unknown) => unknown>;
  /** In order of arrival. While it isn't empty, a commit is scheduled. */
  #waiting: Write[] = [];

  /** @param attempt runs work on the database now, and throws `unavailable` if the database can't be used */
  constructor(sqlite: Sqlite.Database, attempt: (work: () => void) => void) {
    this.#sqlite = sqlite;
    this.#attempt = attempt;
    this.#transact = sqlite.transaction((work) => work());
  }

  /**
   * Queues a write. The promise settles after the commit, or rejects with the write's own error or
   * `unavailable`.
   */
  add<Result>(work: () => Result): Promise<Result> {
    return new Promise<unknown>((resolve, reject) => {
      const write = { work, resolve, reject, lockTimeoutAtMs: performance.now() + LOCK_TIMEOUT_MS };
      if (this.#waiting.push(write) === 1) setImmediate(() => this.#commit());
    }) as Promise<Result>;
  }

  /** Commits the waiting writes, or rejects them if they can't be committed now. */
  close(): void {
    for (const write of this.#waiting) write.lockTimeoutAtMs = 0;
    while (this.#waiting.length > 0) this.#commit();
  }

  #commit(): void {
    if (this.#waiting.length === 0) return; // `close` has committed everything since this was scheduled.
    let outcomes: Outcome[] = [];
    let hasBegun = false;
    const runWaiting = () => {
      hasBegun = true;
      this.#runWaiting(outcomes);
    };
    try {
      this.#attempt(() => this.#transact.immediate(runWaiting));
    } catch (error) {
      if (!hasBegun && isLocked(error)) {
        this.#waitForLock(error);
        return;
      }
      // Nothing is committed, so no write may be reported as done, not even one that hasn't failed.
      const problem = toUnavailable(error);
      outcomes = this.#waiting.map((write) => ({ write, settle: 'reject', value: problem }));
    }
    this.#waiting.splice(0, outcomes.length);
    if (this.#waiting.length > 0) setImmediate(() => this.#commit());
    for (const { write, settle, value } of outcomes) write[settle](value);
  }

  /** @param outcomes receives one of each write that ran */
  #runWaiting(outcomes: Outcome[]): void {
    const endsAtMs = performance.now() + MAX_TRANSACTION_MS;
    for (const write of this.#waiting) {
      outcomes.push(this.#runOne(write));
      if (performance.now() >= endsAtMs) return;
    }
  }

  #runOne(write: Write): Outcome {
    try {
      return { write, settle: 'resolve', value: this.#transact(write.work) };
    } catch (error) {
      // A full or failing disk makes SQLite roll back the whole transaction. The next write would then run,
      // and be committed, outside any transaction.
      if (isUnavailable(error) || !this.#sqlite.inTransaction) throw error;
      return { write, settle: 'reject', value: error };
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
