/**
 * A server's own signing keys, as it uses them while it runs. The first is created at the first start. Later
 * changes come from the command line (`key-rotation.ts`) and take effect without a restart.
 */
import { sign } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { JSONWebKeySet, JWTPayload } from 'jose';
import { DatabaseError } from '../files/config-error.ts';
import { openFilesWarning } from '../files/private-file.ts';
import { describeError, HttpProblem } from '../problem/http-problem.ts';
import { DEFAULT_TOKEN_SECONDS, type KeyTimes, withStates } from './key-lifecycle.ts';
import { createKeyPair, SIGNING_ALGORITHM } from './key-pair.ts';
import type { FollowedKeys, KeyStore } from './key-store.ts';

export { JWKS_CACHE_CONTROL } from './key-lifecycle.ts';

/** Many instances may start at once on an empty database, and each waits for the lock of the one before. */
const MAX_START_ATTEMPTS = 5;
const START_PAUSE_MS = 200;

export interface KeyRing {
  readonly algorithm: string;
  /** The public keys that `/.well-known/jwks.json` lists now. */
  readonly publicKeys: JSONWebKeySet;
  /**
   * Signs claims with an explicit `typ` (RFC 8725, section 3.11). It is synchronous because the whole JWS
   * takes only about 50 µs.
   */
  sign(type: string, claims: JWTPayload): string;
  /** Stops following changes. Close it before its database. */
  close(): Promise<void>;
}

export interface KeyRingOptions extends KeyTimes {
  /** The time in milliseconds since the epoch. */
  clock?: () => number;
  /** Called at start if `ALLOW_OPEN_FILES_IN` is set, and when rereading the keys fails. */
  warn?: (message: string) => void;
}

/**
 * Opens a server's keys, and creates the first one if needed.
 *
 * @throws {ConfigError} when the keys can't be opened or created, or are open to others
 */
export async function openKeyRing(
  store: KeyStore,
  { tokenSeconds = DEFAULT_TOKEN_SECONDS, clock = Date.now, warn = () => {} }: KeyRingOptions = {},
): Promise<KeyRing> {
  const warning = openFilesWarning();
  if (warning !== null) warn(warning);
  const followed = await openKeys(store, warn);
  const currentKeys = () => {
    const now = clock();
    return withStates(followed.current(now), now, tokenSeconds + store.propagationSeconds);
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
    close: () => followed.close(),
  };
}

function toBase64Url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

async function openKeys(store: KeyStore, warn: (message: string) => void): Promise<FollowedKeys> {
  for (let attempt = 1; ; attempt++) {
    try {
      // Safe to repeat after an unknown outcome: it adds a key only if there is none.
      if ((await store.read()).keys.length === 0) await createFirstKey(store);
      return await store.follow(warn);
    } catch (error) {
      if (!(error instanceof HttpProblem)) throw error;
      if (attempt === MAX_START_ATTEMPTS)
        throw new DatabaseError(`the signing keys can't be read: ${describeError(error)}`);
      await setTimeout(START_PAUSE_MS * (1 + Math.random()));
    }
  }
}

async function createFirstKey(store: KeyStore): Promise<void> {
  const pair = await createKeyPair();
  await store.change(({ keys, now }) => {
    // Another process may have created it meanwhile.
    const isFirst = keys.length === 0;
    return { keys: isFirst ? [{ ...pair, createdAt: now, activeFrom: now }] : keys, event: null };
  });
}
