/** The child process of `hasher.ts`: takes tasks off its channel, and ends when the channel does. */
import os from 'node:os';
import { hashPassword, verifyPassword } from './argon2.ts';

export type Work =
  | { to: 'verify'; passwordHash: string; password: string; isImported: boolean }
  | { to: 'hash'; password: string };

export type HasherTask = (Work & { id: number }) | { to: 'show that you are alive' };

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
  // The parent may have been killed meanwhile: then nobody needs the answer.
  process.send?.(answer, undefined, undefined, () => {});
}

try {
  os.setPriority(os.constants.priority.PRIORITY_LOW);
} catch (error) {
  // A hardened host may refuse this call (seccomp). The priority is only an optimization.
  send({ warning: `the password hasher runs at normal priority: ${(error as Error).message}` });
}
// Signals may reach the whole process group. Work under way is finished first; the parent ends this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (task: HasherTask) => {
  if (task.to === 'show that you are alive') return send({ isAlive: true });
  const answer = (result: boolean | string | null) => send({ id: task.id, result });
  perform(task).then(answer, () => answer(null));
});
