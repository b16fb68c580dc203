/**
 * Checking with bcrypt, for accounts that were imported from a system that used it. New hashes are never bcrypt,
 * so a library in plain JavaScript is fast enough: it runs on any machine, and once for each account.
 */
import { compare } from 'bcryptjs';

/** Whether a hash is one that `verifyBcrypt` is for. */
export function isBcrypt(passwordHash: string): boolean {
  return /^\$2[aby]\$/.test(passwordHash);
}

/**
 * Whether a password is the one that the old system would have let in. So it is cut as that system cut it: bcrypt
 * reads no more than 72 bytes, and its C libraries nothing after a NUL. The next hash is of all that was typed.
 */
export async function verifyBcrypt(passwordHash: string, password: string): Promise<boolean> {
  const [read = ''] = password.split('\0', 1);
  // A hash of nothing is how some systems say that nobody logs in. Nobody can type that here, but for a NUL.
  return (await compare(read, passwordHash)) && read !== '';
}
