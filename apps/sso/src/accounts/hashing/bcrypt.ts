/**
 * Verifies bcrypt hashes of imported accounts. New hashes are never bcrypt, so a library in plain JavaScript
 * is fast enough: it is used until each account's first sign-in.
 */
import { compare } from 'bcryptjs';

export function isBcrypt(passwordHash: string): boolean {
  return /^\$2[aby]\$/.test(passwordHash);
}

/**
 * Accepts what the old system accepted: bcrypt reads at most 72 bytes of a password, and its C libraries
 * stop at a NUL. The next hash, made after the sign-in, is of the whole password.
 */
export async function verifyBcrypt(passwordHash: string, password: string): Promise<boolean> {
  const [readPart = ''] = password.split('\0', 1);
  // Some systems store the hash of an empty password for accounts that can't sign in.
  return (await compare(readPart, passwordHash)) && readPart !== '';
}
