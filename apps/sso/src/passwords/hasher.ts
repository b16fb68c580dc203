/**
 * Checks and hashes passwords in a child process of low priority, through a bounded queue. In the service's own
 * process they would fill the thread pool on which jose signs, and everyone's step 3 would wait for
 * everyone's step 5; beyond the queue's bound a storm of logins is told to come back.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { Refusal } from '@samesite-sso/service';
import type { HasherAnswer, HasherTask, PasswordCheck, Work } from './hasher-process.ts';

/**
 * One processor is left to those who are signed in, if there are two: a low priority alone does not give it back soon enough
 * (`faults/storm.test.ts`).
 */
export const AT_ONCE = Math.min(2, Math.max(1, availableParallelism() - 1));
/** Of those at work and those that wait. */
const MOST = 34;
const RETRY_SECONDS = 2;

interface Job {
  task: HasherTask;
  resolve(result: PasswordCheck | string): void;
  reject(reason: Error): void;
}

export class PasswordHasher {
  readonly #waiting: Job[] = [];
  readonly #running = new Map<number, Job>();
  #child: ChildProcess | undefined;
  #lastId = 0;

  /** @throws {Refusal} `overloaded` when the queue is full */
  async check(passwordHash: string, password: string): Promise<PasswordCheck> {
    return (await this.#do({ to: 'check', passwordHash, password })) as PasswordCheck;
  }

  /**
   * The same work as of a wrong password, whatever the password is.
   *
   * @param passwordHash whoever's it is, or null where there is none
   * @throws {Refusal} `overloaded` when the queue is full
   */
  async checkInVain(passwordHash: string | null, password: string): Promise<PasswordCheck> {
    return (await this.#do({ to: 'check in vain', passwordHash, password })) as PasswordCheck;
  }

  /**
   * @returns a hash of a new password
   * @throws {Refusal} `overloaded` when the queue is full
   */
  async hash(password: string): Promise<string> {
    return (await this.#do({ to: 'hash', password })) as string;
  }

  #do(work: Work): Promise<PasswordCheck | string> {
    if (this.#running.size + this.#waiting.length >= MOST) {
      return Promise.reject(new Refusal('overloaded', { retryAfterSeconds: RETRY_SECONDS }));
    }
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      this.#waiting.push({ task: { id: this.#lastId, ...work }, resolve, reject });
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
      try {
        this.open().send(job.task);
        this.#running.set(job.task.id, job);
      } catch {
        // Where processes or files run out a child is not started, or started without a channel.
        this.#child = undefined;
        job.reject(new Refusal('unavailable', { detail: 'the password hasher cannot be started' }));
      }
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

  #finish({ id, result }: HasherAnswer): void {
    const job = this.#running.get(id);
    this.#running.delete(id);
    if (result === null) job?.reject(new Error('a stored password hash cannot be read'));
    else job?.resolve(result);
    this.#next();
  }
}
