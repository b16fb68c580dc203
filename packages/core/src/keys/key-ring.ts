/**
 * A server's own signing keys. The first is created at the first start, in a file beside the database that
 * only its owner can read, so that keys survive restarts and are never in the database. Later changes come
 * from the command line (`key-rotation.ts`) and take effect without a restart.
 */
import { sign } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import type { JSONWebKeySet, JWTPayload } from 'jose';
import { openFilesWarning } from '../files/private-file.ts';
import { type Key, keyFileOf, readKeyFile, withKeyLock, writeKeyFile } from './key-file.ts';
import { DEFAULT_TOKEN_SECONDS, type KeyTimes, withStates } from './key-lifecycle.ts';
import { createKeyPair, SIGNING_ALGORITHM } from './key-pair.ts';

export { JWKS_CACHE_CONTROL } from './key-lifecycle.ts';

const POLL_INTERVAL_MS = 250;

export interface KeyRing {
  readonly algorithm: string;
  /** The public keys that `/.well-known/jwks.json` lists now. */
  readonly publicKeys: JSONWebKeySet;
  /**
   * Signs claims with an explicit `typ` (RFC 8725, section 3.11). It is synchronous because the whole JWS
   * takes only about 50 µs.
   */
  sign(type: string, claims: JWTPayload): string;
}

/**
 * Opens the keys beside a database, and creates the first one if needed.
 *
 * @param database the database's path; the keys are in `<database>.keys.json`
 * @param warn called at start if `ALLOW_OPEN_FILES_IN` is set, and when the file becomes unusable; the keys
 *   read before then stay in use
 * @throws {ConfigError} when the file is open to others, damaged, or can't be written
 */
export async function openKeyRing(
  database: string,
  {
    tokenSeconds = DEFAULT_TOKEN_SECONDS,
    clock = Date.now,
    warn = () => {},
  }: KeyTimes & { warn?: (message: string) => void } = {},
): Promise<KeyRing> {
  const warning = openFilesWarning();
  if (warning !== null) warn(warning);
  const file = keyFileOf(database);
  if (!existsSync(file)) await createFirstKey(file, clock());
  const keysAt = followKeyFile(file, clock(), warn);
  const currentKeys = () => {
    const now = clock();
    return withStates(keysAt(now), now, tokenSeconds);
  };
  return {
    algorithm: SIGNING_ALGORITHM,
    get publicKeys() {
      const published = currentKeys().filter(({ state }) => state !== 'retired');
      return { keys: published.map(({ publicKey }) => publicKey) };
    },
    sign(typ, claims) {
      const signing = currentKeys().find(({ state }) => state === 'signing');
      if (signing === undefined) throw new Error('no key signs');
      const { kid, privateKey } = signing;
      // A compact JWS (RFC 7515, section 7.1). jose would sign on libuv's thread pool, which takes longer.
      const input = [{ alg: SIGNING_ALGORITHM, kid, typ }, claims].map(toBase64Url).join('.');
      return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
    },
  };
}

function toBase64Url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

async function createFirstKey(file: string, now: number): Promise<void> {
  const pair = await createKeyPair();
  withKeyLock(file, () => {
    // Another process may have created it meanwhile.
    if (!existsSync(file)) writeKeyFile(file, [{ ...pair, createdAt: now, activeFrom: now }]);
  });
}

/** @returns a function that returns the current keys, and checks the file for changes at most every 250 ms */
function followKeyFile(
  file: string,
  openedAt: number,
  warn: (message: string) => void,
): (now: number) => readonly Key[] {
  let version = versionOf(file);
  let keys = readKeyFile(file);
  let checkedAt = openedAt;
  let lastWarning = '';
  return (now) => {
    if (Math.abs(now - checkedAt) < POLL_INTERVAL_MS) return keys;
    checkedAt = now;
    try {
      // Take the version before reading: a change in between is read the next time.
      const newVersion = versionOf(file);
      if (newVersion !== version) keys = readKeyFile(file);
      version = newVersion;
      lastWarning = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== lastWarning) warn(`${message}; the keys read before stay in use`);
      lastWarning = message;
    }
    return keys;
  };
}

/** Changes whenever the file does. Null if there is none. */
function versionOf(file: string): string | null {
  const status = statSync(file, { bigint: true, throwIfNoEntry: false });
  return status === undefined ? null : [status.ino, status.size, status.mtimeNs, status.ctimeNs].join(' ');
}
