/** The child process of `hasher.ts`: takes tasks off its channel, and ends when the channel does. */
import os from 'node:os';
import { hashPassword, verifyPassword } from './argon2.ts';

export type Work =
  | { to: 'verify'; passwordHash: string; password: string; isImported: boolean }
  | { to: 'hash'; password: string };

export type HasherTask = Work & { id: number };

export interface HasherAnswer {
  id: number;
  /** Whether a password is right, or the hash of a new one; null when the stored hash can't be read. */
  result: boolean | string | null;
}

function perform(task: Work): Promise<boolean | string> {
  if (task.to === 'hash') return hashPassword(task.password);
  return verifyPassword(task.passwordHash, task.password, task.isImported);
}

os.setPriority(os.constants.priority.PRIORITY_LOW);
// Signals may reach the whole process group. Work under way is finished first; the parent ends this process.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (task: HasherTask) => {
  const answer = (result: HasherAnswer['result']) => {
    // The parent may have been killed meanwhile: then nobody needs the answer.
    process.send?.({ id: task.id, result } satisfies HasherAnswer, undefined, undefined, () => {});
  };
  perform(task).then(answer, () => answer(null));
});
