/**
 * The child process of `hasher.ts`: performs the tasks that arrive on its channel, and exits when that
 * closes.
 */
import os from 'node:os';
import { hashPassword, verifyPassword } from './argon2.ts';

export type Work =
  | { to: 'verify'; passwordHash: string; password: string; isImported: boolean }
  | { to: 'hash'; password: string };

export type HasherTask = (Work & { id: number }) | { to: 'heartbeat' };

export type HasherAnswer =
  /**
   * `result`: whether the password is right, or the hash of a new one; null if the stored hash is malformed.
   */
  { id: number; result: boolean | string | null } | { isAlive: true } | { warning: string };

function perform(work: Work): Promise<boolean | string> {
  if (work.to === 'hash') return hashPassword(work.password);
  return verifyPassword(work.passwordHash, work.password, work.isImported);
}

function send(answer: HasherAnswer): void {
  // If the parent has been killed meanwhile, nobody needs the answer.
  process.send?.(answer, undefined, undefined, () => {});
}

try {
  os.setPriority(os.constants.priority.PRIORITY_LOW);
} catch (error) {
  // A hardened host may refuse this call (seccomp). The priority is only an optimization.
  send({ warning: `the password hasher runs at normal priority: ${(error as Error).message}` });
}
// Signals may reach the whole process group. The parent ends this process once its work is done.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (task: HasherTask) => {
  if (task.to === 'heartbeat') return send({ isAlive: true });
  const answer = (result: boolean | string | null) => send({ id: task.id, result });
  perform(task).then(answer, () => answer(null));
});
