/** An account that a command adds. */
import { randomUUID } from 'node:crypto';
import { createDummyHash } from '../accounts/hashing/argon2.ts';
import { normalizeUsername, usernameKey } from '../accounts/username.ts';
import type { NewAccount } from '../storage/stores.ts';

/**
 * @param passwordHash null for an account without a password. Its hash is one that no password has, so that
 *   it looks, and takes the time, like any other account.
 */
export function toNewAccount(username: string, displayName: string, passwordHash: string | null): NewAccount {
  return {
    id: randomUUID(),
    username: normalizeUsername(username),
    usernameKey: usernameKey(username),
    displayName,
    passwordHash: passwordHash ?? createDummyHash(),
  };
}
