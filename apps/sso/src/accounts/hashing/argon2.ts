/**
 * Hashes with Argon2id, and verifies against such hashes and imported ones. Both are slow on purpose, so the
 * service never does them in its own process: `hasher.ts` does, in another.
 */
import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { normalizePassword } from '../password-text.ts';
import { isBcrypt, verifyBcrypt } from './bcrypt.ts';

/** OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** How hashes with these parameters start in PHC string format. */
const PREFIX = '$argon2id$v=19$m=19456,t=2,p=1$';
const SALT_BYTES = 16;
const DIGEST_BYTES = 32;

/** @returns a hash in PHC string format, with its salt and parameters */
export function hashPassword(password: string): Promise<string> {
  return hash(normalizePassword(password), PARAMETERS);
}

/**
 * @returns a hash with today's parameters, and a random salt and digest, which no password matches. Verifying
 *   against it takes as long as a real check.
 */
export function createDummyHash(): string {
  const parts = [SALT_BYTES, DIGEST_BYTES].map((size) => randomBytes(size).toString('base64'));
  return PREFIX + parts.join('$').replaceAll('=', '');
}

/**
 * Does the same work whether or not the password is right: no check depends on the outcome of another.
 *
 * @param isImported whether another system made the hash, perhaps of the password as typed rather than of its
 *   NFKC form
 */
export async function verifyPassword(
  passwordHash: string,
  password: string,
  isImported = false,
): Promise<boolean> {
  const normalized = normalizePassword(password);
  const candidates = isImported && normalized !== password ? [normalized, password] : [normalized];
  const matches = isBcrypt(passwordHash) ? verifyBcrypt : verify;
  let isRight = false;
  for (const candidate of candidates) {
    const isMatch = await matches(passwordHash, candidate);
    isRight ||= isMatch;
  }
  return isRight;
}

/** Whether a hash was made with another algorithm or other parameters than today's. */
export function isOutdated(passwordHash: string): boolean {
  return !passwordHash.startsWith(PREFIX);
}
