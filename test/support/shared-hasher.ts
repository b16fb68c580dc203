/** One password hasher for all SSO services in a test worker. It ends with the worker. */
import { PasswordHasher } from '../../apps/sso/src/accounts/hashing/hasher.ts';

const hasher = new PasswordHasher();
let firstHash: Promise<unknown> | undefined;

/** Returns the hasher once it works, so that no test's first sign-in is refused while it starts. */
export async function sharedHasher(): Promise<PasswordHasher> {
  firstHash ??= hasher.hash('a password');
  await firstHash;
  return hasher;
}
