/**
 * A server's own signing keys: made on first start, kept in a file that only its owner can read, so that
 * they outlive restarts and never stand in the database. The server never changes them afterwards; what the
 * command line changes (`key-rotation.ts`) takes effect without a restart.
 */
import { existsSync, statSync } from 'node:fs';
import { type JSONWebKeySet, type JWTPayload, SignJWT } from 'jose';
import { openFilesWarning } from '../files/private-file.ts';
import { type Key, keyFileOf, readKeyFile, writeKeyFile } from './key-file.ts';
import { type KeyTimes, keyTimeline, TOKEN_SECONDS } from './key-lifecycle.ts';
import { underLock } from './key-lock.ts';
import { ALGORITHM, newKeyPair } from './key-pair.ts';

export { JWKS_CACHE_CONTROL } from './key-lifecycle.ts';

/** Milliseconds between two looks at the file. */
const LOOK_PAUSE = 250;

export interface KeyRing {
  readonly algorithm: string;
  /** The public halves, as `/.well-known/jwks.json` shows them now. */
  readonly publicKeys: JSONWebKeySet;
  /** Signs claims under a `typ` that says what they are (RFC 8725, section 3.11). */
  sign(type: string, claims: JWTPayload): Promise<string>;
}

export interface KeyRingOptions extends KeyTimes {
  /**
   * Told once when the file can be used no more; the keys read before stay in use. And once at start where
   * files may be open to others, by `ALLOW_OPEN_FILES_IN`.
   */
  warn?: (message: string) => void;
}

/**
 * Opens the keys beside a database, making one if there are none yet.
 *
 * @param database the database's path; the keys are in `<database>.keys.json`
 * @throws {ConfigError} when the file is readable by others, damaged, or cannot be written
 */
export async function openKeyRing(
  database: string,
  { tokenSeconds = TOKEN_SECONDS, clock = Date.now, warn = () => {} }: KeyRingOptions = {},
): Promise<KeyRing> {
  const exception = openFilesWarning();
  if (exception !== null) warn(exception);
  const file = keyFileOf(database);
  if (!existsSync(file)) await makeFirstKey(file, clock());
  const keysAt = followKeyFile(file, clock(), warn);
  const timeline = () => {
    const now = clock();
    return keyTimeline(keysAt(now), now, tokenSeconds);
  };
  return {
    algorithm: ALGORITHM,
    get publicKeys() {
      const published = timeline().filter(({ state }) => state !== 'retired');
      return { keys: published.map(({ publicKey }) => publicKey) };
    },
    async sign(typ, claims) {
      const signing = timeline().find(({ state }) => state === 'signing');
      if (signing === undefined) throw new Error('no key signs');
      const { kid, privateKey } = signing;
      return await new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, kid, typ }).sign(privateKey);
    },
  };
}

async function makeFirstKey(file: string, now: number): Promise<void> {
  const pair = await newKeyPair();
  // Another process may have started for the first time meanwhile: its key is the key then.
  underLock(file, () => {
    if (!existsSync(file)) writeKeyFile(file, [{ ...pair, born: now, signsFrom: now }]);
  });
}

/** The keys of a file as they are now: whoever asks looks whether it has changed, at most every 250 ms. */
function followKeyFile(
  file: string,
  openedAt: number,
  warn: (message: string) => void,
): (now: number) => readonly Key[] {
  let version = versionOf(file);
  let keys = readKeyFile(file);
  let lookedAt = openedAt;
  let told = '';
  return (now) => {
    if (Math.abs(now - lookedAt) < LOOK_PAUSE) return keys;
    lookedAt = now;
    try {
      // Looked at before it is read: what changes in between is read again.
      const present = versionOf(file);
      if (present !== version) keys = readKeyFile(file);
      version = present;
      told = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== told) warn(`${message}; the keys read before stay in use`);
      told = message;
    }
    return keys;
  };
}

/** Changes whenever the file does; null when there is none. */
function versionOf(file: string): string | null {
  const status = statSync(file, { bigint: true, throwIfNoEntry: false });
  return status === undefined ? null : [status.ino, status.size, status.mtimeNs, status.ctimeNs].join(' ');
}
