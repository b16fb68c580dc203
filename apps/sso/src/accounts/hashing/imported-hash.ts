/**
 * Validates password hashes imported from another system: their format, and that a check isn't too
 * expensive.
 */
import { parseOptions } from '@node-rs/argon2';
import { isBcrypt } from './bcrypt.ts';

const BASE64 = '[A-Za-z0-9+/]+';
const ARGON2ID = new RegExp(`^\\$argon2id\\$v=19\\$m=\\d+,t=\\d+,p=\\d+\\$${BASE64}\\$${BASE64}$`);
/** Salt and hash end with unused bits, which must be zero: otherwise no password matches. */
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/;

/**
 * Anyone who knows a username can have its hash checked again and again. These checks run one at a time for
 * each network and cost it several turns. With these limits a check takes 0.1 s with Argon2id and 0.6 s to
 * 1.4 s with bcrypt (measured on one core, idle and busy). Only imported hashes are so expensive, until the
 * first sign-in.
 */
const MAX_MEMORY_KIB = 131_072;
/** Memory times passes. The time is proportional to it. */
const MAX_WORK_KIB = 262_144;
const MAX_LANES = 8;
const BCRYPT_COST = { min: 4, max: 13 };
/** A shorter Argon2id hash would match too many passwords. */
const OUTPUT_BYTES = { min: 16, max: 64 };
const MAX_SALT_BYTES = 64;

/** Returns why a hash can't be imported, to follow "the password hash" and without quoting it, or null. */
export function validateImportedHash(passwordHash: string): string | null {
  if (passwordHash.startsWith('$argon2id$')) return validateArgon2(passwordHash);
  if (isBcrypt(passwordHash)) return validateBcrypt(passwordHash);
  return 'is neither Argon2id ($argon2id$v=19$m=…,t=…,p=…$salt$hash) nor bcrypt ($2a$, $2b$ or $2y$)';
}

function validateArgon2(passwordHash: string): string | null {
  const options = ARGON2ID.test(passwordHash) ? readOptions(passwordHash) : null;
  if (options === null) return 'is not a complete Argon2id hash of version 19';
  const { memoryCost, timeCost, parallelism, outputLen, saltLen } = options;
  const work = memoryCost * timeCost;
  if (memoryCost > MAX_MEMORY_KIB || work > MAX_WORK_KIB || parallelism > MAX_LANES) {
    return `costs more than m=${MAX_MEMORY_KIB}, m×t=${MAX_WORK_KIB}, p=${MAX_LANES}`;
  }
  const { min, max } = OUTPUT_BYTES;
  if (outputLen >= min && outputLen <= max && saltLen <= MAX_SALT_BYTES) return null;
  return `has a length outside ${min} to ${max} bytes, or a salt longer than ${MAX_SALT_BYTES} bytes`;
}

function readOptions(passwordHash: string): ReturnType<typeof parseOptions> | null {
  try {
    return parseOptions(passwordHash);
  } catch {
    return null;
  }
}

function validateBcrypt(passwordHash: string): string | null {
  const [, cost] = BCRYPT.exec(passwordHash) ?? [];
  if (cost === undefined) return 'is not a complete bcrypt hash';
  const { min, max } = BCRYPT_COST;
  if (Number(cost) >= min && Number(cost) <= max) return null;
  return `has a cost outside ${min} to ${max}`;
}
