/**
 * Hashing with Argon2id. Slow on purpose, so the service never calls it in its own process: `hasher.ts`
 * does, in another.
 */
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { normalizePassword } from './password-rules.ts';

/** OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane. They stand in every hash. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** @returns a hash in PHC string format, with its salt and parameters */
export function hashPassword(password: string): Promise<string> {
  return hash(normalizePassword(password), PARAMETERS);
}

/** Never truncates, and takes the same time whether or not the password is right. */
export function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  return verify(passwordHash, normalizePassword(password));
}

/** Whether a hash was made with other parameters than today's. */
export function isOutdated(passwordHash: string): boolean {
  const { memoryCost, timeCost, parallelism } = parseOptions(passwordHash);
  return (
    memoryCost !== PARAMETERS.memoryCost ||
    timeCost !== PARAMETERS.timeCost ||
    parallelism !== PARAMETERS.parallelism
  );
}
