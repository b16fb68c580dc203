/**
 * Verifies and hashes passwords in a child process of low priority. In the service's own process, hashing
 * would fill the thread pool on which jose verifies client assertions, and step 4 of every client would wait
 * for step 5 of others. `password-queue.ts` limits how much runs at a time.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { HttpProblem } from '@samesite-sso/core';
import type { HasherMessage, HasherTask, Work } from './hasher-process.ts';

const HEARTBEAT_MS = 1000;
/**
 * After this many unanswered heartbeats the child counts as hung. On a busy machine a process of low priority
 * may get no CPU time for seconds. Heartbeats are counted rather than timed, since this process may itself be
 * suspended.
 */
const MAX_MISSED_HEARTBEATS = 6;

interface Child {
  process: ChildProcess;
  heartbeat: NodeJS.Timeout;
  missedHeartbeats: number;
}

export class PasswordHasher {
  readonly #running = new Map<number, PromiseWithResolvers<boolean | string>>();
  readonly #warn: (message: string) => void;
  #child: Child | undefined;
  #lastId = 0;
  #lastWarning = '';

  /** @param warn is called when the child fails, or runs at normal priority */
  constructor(warn: (message: string) => void = () => {}) {
    this.#warn = warn;
  }

  /**
   * @param isImported whether another system made the hash
   * @throws {HttpProblem} `unavailable` when the child process can't be started, hangs, or ends meanwhile
   */
  async verify(passwordHash: string, password: string, isImported: boolean): Promise<boolean> {
    return (await this.#perform({ to: 'verify', passwordHash, password, isImported })) as boolean;
  }

  /** Hashes a new password, and throws like {@link verify}. */
  async hash(password: string): Promise<string> {
    return (await this.#perform({ to: 'hash', password })) as string;
  }

  /** Returns the child, and starts it if there is none. */
  open(): ChildProcess {
    if (this.#child !== undefined) return this.#child.process;
    // The child needs no environment variables, so it gets none.
    const process = fork(new URL('./hasher-process.ts', import.meta.url), { env: {}, execArgv: [] });
    const heartbeat = setInterval(() => this.#expectHeartbeat(child), HEARTBEAT_MS).unref();
    const child: Child = { process, heartbeat, missedHeartbeats: 0 };
    this.#child = child;
    process.on('message', (message: HasherMessage) => this.#receive(child, message));
    process.once('exit', (code, signal) =>
      this.#discardChild(child, `ended (${signal ?? `status ${code}`})`),
    );
    process.on('error', ({ message }) => this.#discardChild(child, `failed: ${message}`));
    return process;
  }

  close(): void {
    const child = this.#child;
    if (child === undefined) return;
    clearInterval(child.heartbeat);
    child.process.removeAllListeners('exit');
    // All requests have their response by now. A suspended child wouldn't notice that its channel closes.
    child.process.kill('SIGKILL');
  }

  #perform(work: Work): Promise<boolean | string> {
    const task = Promise.withResolvers<boolean | string>();
    this.#lastId += 1;
    try {
      this.open().send({ id: this.#lastId, ...work } satisfies HasherTask);
      this.#running.set(this.#lastId, task);
    } catch (error) {
      // Where processes or file descriptors run out, a child doesn't start, or starts without a channel.
      if (this.#child !== undefined) clearInterval(this.#child.heartbeat);
      this.#child = undefined;
      task.reject(unavailable(`can't be started: ${(error as Error).message}`));
    }
    return task.promise;
  }

  #expectHeartbeat(child: Child): void {
    if (child.missedHeartbeats < MAX_MISSED_HEARTBEATS) {
      child.missedHeartbeats += 1;
      // If the child has just ended, the `exit` event handles that.
      if (child.process.connected) child.process.send({ to: 'heartbeat' } satisfies HasherTask, () => {});
      return;
    }
    this.#discardChild(child, 'hangs');
    try {
      this.open(); // Now, so that the next sign-in needn't wait for its start.
    } catch {
      // The next task tries again, and reports the error.
    }
  }

  /** Gives up on a child that has ended or hangs, and rejects its tasks. The next task starts another one. */
  #discardChild(child: Child, how: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    clearInterval(child.heartbeat);
    child.process.kill('SIGKILL');
    this.#warn(`the password hasher ${how}`);
    const lost = [...this.#running.values()];
    this.#running.clear();
    for (const { reject } of lost) reject(unavailable(how));
  }

  #receive(child: Child, message: HasherMessage): void {
    child.missedHeartbeats = 0;
    if ('warning' in message) {
      // On a hardened host every new child sends the same warning: log it once.
      if (message.warning !== this.#lastWarning) this.#warn(message.warning);
      this.#lastWarning = message.warning;
    } else if ('id' in message) {
      const task = this.#running.get(message.id);
      this.#running.delete(message.id);
      if (message.result === null) task?.reject(new Error("a stored password hash can't be read"));
      else task?.resolve(message.result);
    }
  }
}

function unavailable(how: string): HttpProblem {
  return new HttpProblem('unavailable', { logReason: `the password hasher ${how}` });
}
