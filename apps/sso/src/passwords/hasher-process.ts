/** The child of `hasher.ts`: takes one task at a time off its channel, and ends when the channel does. */
import os from 'node:os';
import { hashPassword, isOutdated, verifyPassword } from './argon2.ts';

/** To check a password against an account's hash, or a stand-in's where there is none; or to hash a new one. */
export type Work =
  | { to: 'check'; passwordHash: string | null; password: string }
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

/** Stands in where there is no account, so that its absence takes as long as a wrong password. */
const nobodysHash = hashPassword(crypto.randomUUID());

async function check(passwordHash: string | null, password: string): Promise<PasswordCheck> {
  const matches = await verifyPassword(passwordHash ?? (await nobodysHash), password);
  if (passwordHash === null || !matches) return { isRight: false, rehashed: null };
  return { isRight: true, rehashed: isOutdated(passwordHash) ? await hashPassword(password) : null };
}

os.setPriority(os.constants.priority.PRIORITY_LOW);
// These may reach the whole group; logins under way are finished first, and the parent ends this process.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (task: HasherTask) => {
  const { id, password } = task;
  const work = task.to === 'hash' ? hashPassword(password) : check(task.passwordHash, password);
  work.then(
    (result) => process.send?.({ id, result } satisfies HasherAnswer),
    () => process.send?.({ id, result: null } satisfies HasherAnswer),
  );
});
