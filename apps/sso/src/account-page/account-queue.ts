/**
 * Limits how many account-page requests of one account run at once. The service runs on one thread, so one
 * person with many connections could otherwise keep everybody else waiting.
 */
import { setImmediate } from 'node:timers/promises';
import { HttpProblem } from '@samesite-sso/core';

/** In addition to the one request that is running. */
const MAX_WAITING_REQUESTS = 10;
const RETRY_AFTER_SECONDS = 1;

interface Queue {
  size: number;
  /** Resolves when the last request in the queue is done. Never rejects. */
  end: Promise<void>;
}

export class AccountQueue {
  readonly #queues = new Map<string, Queue>();

  /**
   * Runs an account's work sequentially, each piece in its own turn of the event loop, so that requests of
   * other people are served in between.
   *
   * @throws {HttpProblem} `overloaded`, without running the work, if too many requests of this account are
   *   waiting
   */
  async run<Result>(accountId: string, work: () => Promise<Result>): Promise<Result> {
    const queue = this.#queues.get(accountId) ?? { size: 0, end: Promise.resolve() };
    if (queue.size > MAX_WAITING_REQUESTS) {
      const logReason = 'too many parallel requests of one account';
      throw new HttpProblem('overloaded', { logReason, retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    queue.size += 1;
    this.#queues.set(accountId, queue);
    const result = queue.end.then(() => setImmediate()).then(work);
    const leave = () => {
      queue.size -= 1;
      if (queue.size === 0) this.#queues.delete(accountId);
    };
    queue.end = result.then(leave, leave);
    return await result;
  }
}
