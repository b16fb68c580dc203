/** Which password hashes of another system can be taken over: those that can be checked, at a bearable cost. */
import { parseOptions } from '@node-rs/argon2';
import { isBcrypt } from './bcrypt.ts';

const BASE64 = '[A-Za-z0-9+/]+';
const ARGON2ID = new RegExp(`^\\$argon2id\\$v=19\\$m=\\d+,t=\\d+,p=\\d+\\$${BASE64}\\$${BASE64}$`);
/** Salt and hash end with the bits that are left over, all zero: what ends otherwise, no password matches. */
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/;

/**
 * Anyone who knows a username can have its hash verified again and again. Such checks run one at a time for
 * each network and cost it several turns. At these bounds one takes 0.1 s with Argon2id and 0.6 to 1.4 s with
 * bcrypt (measured on one core, quiet and busy); only imported hashes are so expensive, until the first
 * sign-in.
 */
const MOST_MEMORY_KIBIBYTES = 131_072;
/** Memory times passes: what the time goes with. */
const MOST_WORK_KIBIBYTES = 262_144;
const MOST_LANES = 8;
const BCRYPT_COST = { least: 4, most: 13 };
/** Bytes of an Argon2id hash. A shorter one would be right for too many passwords. */
const OUTPUT = { shortest: 16, longest: 64 };
const LONGEST_SALT = 64;

/** Why a hash cannot be used, in words that follow "the password hash" and show nothing of it, or null. */
export function importedHashFault(passwordHash: string): string | null {
  if (passwordHash.startsWith('$argon2id$')) return argon2Fault(passwordHash);
  if (isBcrypt(passwordHash)) return bcryptFault(passwordHash);
  return 'is neither of Argon2id ($argon2id$v=19$m=…,t=…,p=…$salt$hash) nor of bcrypt ($2a$, $2b$ or $2y$)';
}

function argon2Fault(passwordHash: string): string | null {
  const options = ARGON2ID.test(passwordHash) ? readOptions(passwordHash) : null;
  if (options === null) return 'is not a whole Argon2id hash of version 19';
  const { memoryCost, timeCost, parallelism, outputLen, saltLen } = options;
  const work = memoryCost * timeCost;
  if (memoryCost > MOST_MEMORY_KIBIBYTES || work > MOST_WORK_KIBIBYTES || parallelism > MOST_LANES) {
    return `costs more than m=${MOST_MEMORY_KIBIBYTES}, m×t=${MOST_WORK_KIBIBYTES}, p=${MOST_LANES}`;
  }
  const isSized = outputLen >= OUTPUT.shortest && outputLen <= OUTPUT.longest && saltLen <= LONGEST_SALT;
  return isSized ? null : `is not of ${OUTPUT.shortest} to ${OUTPUT.longest} bytes, or its salt is too long`;
}

function readOptions(passwordHash: string): ReturnType<typeof parseOptions> | null {
  try {
    return parseOptions(passwordHash);
  } catch {
    return null;
  }
}

function bcryptFault(passwordHash: string): string | null {
  const [, cost] = BCRYPT.exec(passwordHash) ?? [];
  if (cost === undefined) return 'is not a whole bcrypt hash';
  const { least, most } = BCRYPT_COST;
  const isBearable = Number(cost) >= least && Number(cost) <= most;
  return isBearable ? null : `has a cost that is not from ${least} to ${most}`;
}
