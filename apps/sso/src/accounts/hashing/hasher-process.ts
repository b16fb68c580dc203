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

export type HasherMessage =
  /** `result`: whether the password is right, or a new hash; null if the stored hash is malformed. */
  { id: number; result: boolean | string | null } | { isAlive: true } | { warning: string };

function send(message: HasherMessage): void {
  // If the parent has been killed meanwhile, sending fails.
  process.send?.(message, undefined, undefined, () => {});
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
  const result =
    task.to === 'hash'
      ? hashPassword(task.password)
      : verifyPassword(task.passwordHash, task.password, task.isImported);
  result.catch(() => null).then((result) => send({ id: task.id, result }));
});
