/**
 * Hashing with Argon2id, and checking against that and whatever was imported. Slow on purpose, so the service
 * never calls it in its own process: `hasher.ts` does, in another.
 */
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { isBcrypt, verifyBcrypt } from './bcrypt.ts';
import { normalizePassword } from './password-rules.ts';

/** OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane. They stand in every hash. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** @returns a hash in PHC string format, with its salt and parameters */
export function hashPassword(password: string): Promise<string> {
  return hash(normalizePassword(password), PARAMETERS);
}

/** With Argon2id it never truncates, and takes the same time whether or not the password is right. */
export async function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  const matches = isBcrypt(passwordHash) ? verifyBcrypt : verify;
  const normal = normalizePassword(password);
  if (await matches(passwordHash, normal)) return true;
  // A system that an account was imported from may have hashed it as it was typed.
  return normal !== password && (await matches(passwordHash, password));
}

/** Whether a hash is of another kind, or was made with other parameters, than today's. */
export function isOutdated(passwordHash: string): boolean {
  if (isBcrypt(passwordHash)) return true;
  const { memoryCost, timeCost, parallelism } = parseOptions(passwordHash);
  return (
    memoryCost !== PARAMETERS.memoryCost ||
    timeCost !== PARAMETERS.timeCost ||
    parallelism !== PARAMETERS.parallelism
  );
}
