/**
 * Verifies and hashes passwords in a child process of low priority. In the service's own process they would
 * fill the thread pool on which jose signs, and everyone's step 3 would wait for everyone's step 5.
 * `password-queue.ts` decides how much runs at a time.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { Refusal } from '@samesite-sso/service';
import type { HasherAnswer, HasherTask, Work } from './hasher-process.ts';

interface Task {
  resolve(result: boolean | string): void;
  reject(reason: Error): void;
}

export class PasswordHasher {
  readonly #running = new Map<number, Task>();
  #child: ChildProcess | undefined;
  #lastId = 0;

  /**
   * @param isImported whether another system made the hash
   * @throws {Refusal} `unavailable` when the child process can't be started, or ends meanwhile
   */
  async verify(passwordHash: string, password: string, isImported: boolean): Promise<boolean> {
    return (await this.#perform({ to: 'verify', passwordHash, password, isImported })) as boolean;
  }

  /**
   * @returns a hash of a new password
   * @throws {Refusal} `unavailable` when the child process can't be started, or ends meanwhile
   */
  async hash(password: string): Promise<string> {
    return (await this.#perform({ to: 'hash', password })) as string;
  }

  /** Returns the child, started if there is none. The service calls it at start, so that no sign-in waits. */
  open(): ChildProcess {
    if (this.#child !== undefined) return this.#child;
    // It needs no environment variable, so it gets none.
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

  #perform(work: Work): Promise<boolean | string> {
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      const task: HasherTask = { id: this.#lastId, ...work };
      try {
        this.open().send(task);
        this.#running.set(task.id, { resolve, reject });
      } catch {
        // Where processes or file descriptors run out, a child doesn't start, or starts without a channel.
        this.#child = undefined;
        reject(new Refusal('unavailable', { detail: 'the password hasher cannot be started' }));
      }
    });
  }

  /** The child has ended: refuses what it was working on. The next task starts another child. */
  #lose(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    child.kill('SIGKILL');
    const lost = [...this.#running.values()];
    this.#running.clear();
    for (const { reject } of lost) {
      reject(new Refusal('unavailable', { detail: 'the password hasher ended' }));
    }
  }

  #finish({ id, result }: HasherAnswer): void {
    const task = this.#running.get(id);
    this.#running.delete(id);
    if (result === null) task?.reject(new Error('a stored password hash cannot be read'));
    else task?.resolve(result);
  }
}
