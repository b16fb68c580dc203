/**
 * Lets an operator list, rotate and retire a server's keys while the server runs. The command lines print the
 * results. Each change drops the keys that are already retired.
 */
import { existsSync } from 'node:fs';
import { type Key, keyFileOf, readKeyFile, withKeyLock, writeKeyFile } from './key-file.ts';
import {
  ACTIVATION_DELAY_MS,
  DEFAULT_TOKEN_SECONDS,
  type KeyState,
  type KeyTimes,
  type KeyWithState,
  withStates,
} from './key-lifecycle.ts';
import { createKeyPair } from './key-pair.ts';

export type { KeyState, KeyTimes } from './key-lifecycle.ts';

/** Why a change of the keys is refused. The message is for the operator. */
export class KeyRotationError extends Error {}

/** A key as the operator sees it. Nothing in it is secret. */
export interface ListedKey {
  kid: string;
  state: KeyState;
  createdAt: Date;
  activeFrom: Date;
  /** When it leaves the published list. Null while it has no successor. */
  publishedUntil: Date | null;
}

/**
 * @returns the newest first
 * @throws {KeyRotationError} when there is no key file
 */
export function listKeys(database: string, times: KeyTimes = {}): ListedKey[] {
  return readKeys(database, times).keys.map(toListedKey);
}

/**
 * Adds a key. It is published at once, and signs once every cached list must contain it.
 *
 * @param immediate signs at once, for a leaked key, and also drops the pending key: an attacker who read the
 *   file has that key, too
 * @returns the new key
 * @throws {KeyRotationError} while another key is pending, unless `immediate`
 */
export async function rotateKey(
  database: string,
  { immediate = false, ...times }: KeyTimes & { immediate?: boolean } = {},
): Promise<ListedKey> {
  const pair = await createKeyPair();
  return changeKeys(database, times, (keys, now) => {
    const next = keys.find(({ state }) => state === 'next');
    if (next !== undefined && !immediate) {
      const activeFrom = new Date(next.activeFrom).toISOString();
      throw new KeyRotationError(`the key ${next.kid} is already pending, and signs from ${activeFrom}`);
    }
    const added = { ...pair, createdAt: now, activeFrom: immediate ? now : now + ACTIVATION_DELAY_MS };
    const kept = keys.filter(({ state }) => state === 'signing' || state === 'retiring');
    const state = immediate ? 'signing' : 'next';
    return { keys: [added, ...kept], changed: { ...added, state, publishedUntil: null } };
  });
}

/**
 * Removes a key at once from the file and from the published list: for a leaked key. Peers reject what it
 * signed as soon as they fetch the list again.
 *
 * @returns the key as it was
 * @throws {KeyRotationError} when there is no such key, or it is the one that signs
 */
export function retireKey(database: string, kid: string, times: KeyTimes = {}): ListedKey {
  return changeKeys(database, times, (keys) => {
    const changed = keys.find((key) => key.kid === kid);
    if (changed === undefined) throw new KeyRotationError(`there is no key ${kid}`);
    if (changed.state === 'signing')
      throw new KeyRotationError(`the key ${kid} is the one that signs: rotate first`);
    // Without its successor, a retired key would count as published again, so it goes too.
    return { keys: keys.filter((key) => key !== changed && key.state !== 'retired'), changed };
  });
}

function changeKeys(
  database: string,
  times: KeyTimes,
  change: (keys: KeyWithState[], now: number) => { keys: readonly Key[]; changed: KeyWithState },
): ListedKey {
  requireKeyFile(database);
  return withKeyLock(keyFileOf(database), () => {
    const current = readKeys(database, times); // Under the lock: another process may have changed them.
    const { keys, changed } = change(current.keys, current.now);
    writeKeyFile(keyFileOf(database), keys);
    return toListedKey(changed);
  });
}

function readKeys(database: string, times: KeyTimes): { keys: KeyWithState[]; now: number } {
  requireKeyFile(database);
  const { tokenSeconds = DEFAULT_TOKEN_SECONDS, clock = Date.now } = times;
  const now = clock();
  return { keys: withStates(readKeyFile(keyFileOf(database)), now, tokenSeconds), now };
}

/** Only the server creates the file, so that a misspelled path doesn't create keys that nobody uses. */
function requireKeyFile(database: string): void {
  const file = keyFileOf(database);
  if (!existsSync(file))
    throw new KeyRotationError(`there is no ${file}: the server creates it at its first start`);
}

function toListedKey({ kid, state, createdAt, activeFrom, publishedUntil }: KeyWithState): ListedKey {
  return {
    kid,
    state,
    createdAt: new Date(createdAt),
    activeFrom: new Date(activeFrom),
    publishedUntil: publishedUntil === null ? null : new Date(publishedUntil),
  };
}
