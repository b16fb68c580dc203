/**
 * Lets an operator list, rotate and retire a server's keys while the server runs. The command lines print the
 * results. Each change drops the keys that are already retired.
 */
import {
  activationDelayMs,
  DEFAULT_TOKEN_SECONDS,
  type KeyState,
  type KeyTimes,
  type KeyWithState,
  withStates,
} from './key-lifecycle.ts';
import { createKeyPair } from './key-pair.ts';
import {
  type KeyEvent,
  KeyRotationError,
  type KeyStore,
  type ResealedKeys,
  type StoredKeys,
} from './key-store.ts';
import type { Key } from './stored-key.ts';

export type { KeyState, KeyTimes } from './key-lifecycle.ts';

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
 * @throws {KeyRotationError} when there are no keys
 */
export async function listKeys(store: KeyStore, times: KeyTimes = {}): Promise<ListedKey[]> {
  return requireKeys(store, await store.read(), times).map(toListedKey);
}

/**
 * Adds a key. It is published at once, and signs once every cached list must contain it.
 *
 * @param immediate signs at once, for a leaked key, and also drops the pending key: an attacker who read the
 *   keys has that one, too
 * @returns the new key
 * @throws {KeyRotationError} while another key is pending, unless `immediate`
 */
export async function rotateKey(
  store: KeyStore,
  { immediate = false, ...times }: KeyTimes & { immediate?: boolean } = {},
): Promise<ListedKey> {
  const pair = await createKeyPair();
  return await changeKeys(store, times, (keys, now) => {
    const next = keys.find(({ state }) => state === 'next');
    if (next !== undefined && !immediate) {
      const activeFrom = new Date(next.activeFrom).toISOString();
      throw new KeyRotationError(`the key ${next.kid} is already pending, and signs from ${activeFrom}`);
    }
    const activeFrom = immediate ? now : now + activationDelayMs(store);
    const added = { ...pair, createdAt: now, activeFrom };
    const kept = keys.filter(({ state }) => state === 'signing' || state === 'retiring');
    const state = immediate ? 'signing' : 'next';
    return {
      keys: [added, ...kept],
      changed: { ...added, state, publishedUntil: null },
      event: { kind: 'rotated', kid: pair.kid, immediate },
    };
  });
}

/**
 * Removes a key at once from the store and from the published list: for a leaked key. Peers reject what it
 * signed as soon as they fetch the list again.
 *
 * @returns the key as it was
 * @throws {KeyRotationError} when there is no such key, or it is the one that signs
 */
export async function retireKey(store: KeyStore, kid: string, times: KeyTimes = {}): Promise<ListedKey> {
  return await changeKeys(store, times, (keys) => {
    const changed = keys.find((key) => key.kid === kid);
    if (changed === undefined) throw new KeyRotationError(`there is no key ${kid}`);
    if (changed.state === 'signing')
      throw new KeyRotationError(`the key ${kid} is the one that signs: rotate first`);
    // Without its successor, a retired key would count as published again, so it goes too.
    const kept = keys.filter((key) => key !== changed && key.state !== 'retired');
    return { keys: kept, changed, event: { kind: 'retired', kid } };
  });
}

/**
 * Seals all keys with the first sealing key, so that the one that sealed them before can be dropped.
 *
 * @throws {KeyRotationError} when there are no keys, or they aren't sealed
 */
export async function resealKeys(store: KeyStore): Promise<ResealedKeys> {
  const resealed = await store.reseal();
  if (resealed.total === 0) throw new KeyRotationError(describeMissing(store));
  return resealed;
}

async function changeKeys(
  store: KeyStore,
  times: KeyTimes,
  edit: (
    keys: KeyWithState[],
    now: number,
  ) => { keys: readonly Key[]; changed: KeyWithState; event: KeyEvent },
): Promise<ListedKey> {
  requireKeys(store, await store.read(), times); // Locking a missing key file would create the lock file.
  const { changed } = await store.change((current) => edit(requireKeys(store, current, times), current.now));
  return toListedKey(changed);
}

/** Only the server creates keys, so that a misspelled database doesn't get keys that nobody uses. */
function requireKeys(
  store: KeyStore,
  { keys, now }: StoredKeys,
  { tokenSeconds = DEFAULT_TOKEN_SECONDS }: KeyTimes,
): KeyWithState[] {
  if (keys.length === 0) throw new KeyRotationError(describeMissing(store));
  return withStates(keys, now, tokenSeconds + store.propagationSeconds);
}

function describeMissing({ place }: KeyStore): string {
  return `there is no ${place}: the server creates it at its first start`;
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
