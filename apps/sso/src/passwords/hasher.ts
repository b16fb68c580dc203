/**
 * Checks passwords in a child process of low priority, through a bounded queue. In the service's own
 * process they would fill the thread pool on which jose signs, and everyone's step 3 would wait for
 * everyone's step 5; beyond the queue's bound a storm of logins is told to come back.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { Refusal } from '@samesite-sso/service';
import type { HasherAnswer, HasherTask, PasswordCheck } from './hasher-process.ts';

const AT_ONCE = 2;
const WAITING = 32;
const RETRY_SECONDS = 2;

interface Job extends HasherTask {
  resolve(check: PasswordCheck): void;
  reject(reason: Error): void;
}

export class PasswordHasher {
  readonly #waiting: Job[] = [];
  readonly #running = new Map<number, Job>();
  #child: ChildProcess | undefined;
  #lastId = 0;

  /**
   * @param passwordHash the account's hash, or null where there is no such account: the work is the same
   * @throws {Refusal} `overloaded` when the queue is full
   */
  check(passwordHash: string | null, password: string): Promise<PasswordCheck> {
    if (this.#running.size >= AT_ONCE && this.#waiting.length >= WAITING) {
      return Promise.reject(new Refusal('overloaded', { retryAfterSeconds: RETRY_SECONDS }));
    }
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      this.#waiting.push({ id: this.#lastId, passwordHash, password, resolve, reject });
      this.#next();
    });
  }

  /** The child, started if there is none: at start, so that the first login does not wait for it. */
  open(): ChildProcess {
    if (this.#child !== undefined) return this.#child;
    // Nothing of the environment: it needs nothing.
    const child = fork(new URL('./hasher-process.ts', import.meta.url), { env: {}, execArgv: [] });
    this.#child = child;
    child.on('message', (answer: HasherAnswer) => this.#finish(answer));
    child.once('exit', () => this.#lose(child));
    child.on('error', () => this.#lose(child));
    return child;
  }

  close(): void {
    this.#child?.removeAllListeners('exit');
    this.#child?.disconnect();
  }

  #next(): void {
    while (this.#running.size < AT_ONCE) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      const { id, passwordHash, password } = job;
      this.#running.set(id, job);
      this.open().send({ id, passwordHash, password } satisfies HasherTask);
    }
  }

  /** The child has ended: what it had at work is refused, and what waits goes to another. */
  #lose(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    child.kill('SIGKILL');
    const lost = [...this.#running.values()];
    this.#running.clear();
    for (const job of lost) job.reject(new Refusal('unavailable', { detail: 'the password hasher ended' }));
    this.#next();
  }

  #finish({ id, check }: HasherAnswer): void {
    const job = this.#running.get(id);
    this.#running.delete(id);
    if (check === null) job?.reject(new Error('a stored password hash cannot be read'));
    else job?.resolve(check);
    this.#next();
  }
}
