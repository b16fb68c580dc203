/**
 * Bounds the requests that one account can make of the account page at once. The service runs on one thread,
 * so one person with many connections could otherwise keep everybody else waiting.
 */
import { setImmediate } from 'node:timers/promises';
import { HttpProblem } from '@samesite-sso/core';

/** Behind the one request that is under way. */
const MAX_WAITING_REQUESTS = 10;
const RETRY_AFTER_SECONDS = 1;

interface Line {
  size: number;
  /** Settles, always without an error, when the last request in the line is done. */
  end: Promise<void>;
}

export class AccountQueue {
  readonly #lines = new Map<string, Line>();

  /**
   * Runs an account's work one piece at a time, each in its own turn of the event loop, so that other
   * people's requests are answered in between.
   *
   * @throws {HttpProblem} `overloaded`, with nothing done, when too many requests of this account are waiting
   */
  async run<Result>(accountId: string, work: () => Promise<Result>): Promise<Result> {
    const line = this.#lines.get(accountId) ?? { size: 0, end: Promise.resolve() };
    if (line.size > MAX_WAITING_REQUESTS) {
      const logReason = 'too many requests of one account at once';
      throw new HttpProblem('overloaded', { logReason, retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    line.size += 1;
    this.#lines.set(accountId, line);
    const result = line.end.then(() => setImmediate()).then(work);
    line.end = result.then(
      () => this.#leave(accountId, line),
      () => this.#leave(accountId, line),
    );
    return await result;
  }

  #leave(accountId: string, line: Line): void {
    line.size -= 1;
    if (line.size === 0) this.#lines.delete(accountId);
  }
}
