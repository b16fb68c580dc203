/** The child of `hasher.ts`: takes one task at a time off its channel, and ends when the channel does. */
import os from 'node:os';
import { hashPassword, isOutdated, verifyPassword } from './argon2.ts';

export interface HasherTask {
  id: number;
  passwordHash: string | null;
  password: string;
}

export interface PasswordCheck {
  isRight: boolean;
  /** A hash of the same password with today's parameters, where the stored one is older; else null. */
  rehashed: string | null;
}

export interface HasherAnswer {
  id: number;
  /** Null when the hash cannot be read. */
  check: PasswordCheck | null;
}

/** Stands in where there is no account, so that its absence takes as long as a wrong password. */
const nobodysHash = hashPassword(crypto.randomUUID());

async function check({ passwordHash, password }: HasherTask): Promise<PasswordCheck> {
  const matches = await verifyPassword(passwordHash ?? (await nobodysHash), password);
  if (passwordHash === null || !matches) return { isRight: false, rehashed: null };
  return { isRight: true, rehashed: isOutdated(passwordHash) ? await hashPassword(password) : null };
}

os.setPriority(os.constants.priority.PRIORITY_LOW);
// These may reach the whole group; logins under way are finished first, and the parent ends this process.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (task: HasherTask) => {
  check(task).then(
    (check) => process.send?.({ id: task.id, check } satisfies HasherAnswer),
    () => process.send?.({ id: task.id, check: null } satisfies HasherAnswer),
  );
});
