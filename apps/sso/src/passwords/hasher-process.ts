/** The child of `hasher.ts`: takes one task at a time off its channel, and ends when the channel does. */
import os from 'node:os';
import { hashPassword, isOutdated, verifyPassword } from './argon2.ts';

/** To check a password, or to do as if; or to hash a new one. */
export type Work =
  | { to: 'check'; passwordHash: string; password: string }
  | { to: 'check in vain'; passwordHash: string | null; password: string }
  | { to: 'hash'; password: string };

export type HasherTask = Work & { id: number };

export interface PasswordCheck {
  isRight: boolean;
  /** A hash of the same password with today's parameters, where the stored one is older; else null. */
  rehashed: string | null;
}

export interface HasherAnswer {
  id: number;
  /** Of a check the outcome, of a new password its hash; null when the hash to check against cannot be read. */
  result: PasswordCheck | string | null;
}

/** Stands in where there is no account at all. */
const nobodysHash = hashPassword(crypto.randomUUID());
const WRONG: PasswordCheck = { isRight: false, rehashed: null };

async function check(passwordHash: string, password: string): Promise<PasswordCheck> {
  if (!(await verifyPassword(passwordHash, password))) return WRONG;
  return { isRight: true, rehashed: isOutdated(passwordHash) ? await hashPassword(password) : null };
}

async function checkInVain(passwordHash: string | null, password: string): Promise<PasswordCheck> {
  await verifyPassword(passwordHash ?? (await nobodysHash), password);
  return WRONG;
}

function perform(task: Work): Promise<PasswordCheck | string> {
  if (task.to === 'hash') return hashPassword(task.password);
  return task.to === 'check'
    ? check(task.passwordHash, task.password)
    : checkInVain(task.passwordHash, task.password);
}

os.setPriority(os.constants.priority.PRIORITY_LOW);
// These may reach the whole group; logins under way are finished first, and the parent ends this process.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (task: HasherTask) => {
  const answer = (result: HasherAnswer['result']) => {
    // A service that was killed meanwhile hears no answer, and that is nobody's fault.
    process.send?.({ id: task.id, result } satisfies HasherAnswer, undefined, undefined, () => {});
  };
  perform(task).then(answer, () => answer(null));
});
