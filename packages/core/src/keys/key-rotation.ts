/**
 * What an operator does with a server's keys from a command line, while the server runs: list, rotate,
 * retire. Printing is left to the command lines. A change forgets the keys that are retired.
 */
import { existsSync } from 'node:fs';
import { type Key, keyFileOf, readKeyFile, writeKeyFile } from './key-file.ts';
import {
  type KeyState,
  type KeyTimes,
  keyTimeline,
  PUBLISHED_AHEAD,
  type TimedKey,
  TOKEN_SECONDS,
} from './key-lifecycle.ts';
import { underLock } from './key-lock.ts';
import { newKeyPair } from './key-pair.ts';

export type { KeyState, KeyTimes } from './key-lifecycle.ts';

/** Why a change of the keys is refused, in words for the operator. */
export class KeyRotationError extends Error {}

/** A key as an operator sees it: nothing of it is secret. */
export interface ListedKey {
  kid: string;
  state: KeyState;
  born: Date;
  signsFrom: Date;
  /** When it leaves the published list; null while it has no successor. */
  publishedUntil: Date | null;
}

/**
 * @returns the newest first
 * @throws {KeyRotationError} when there are none
 */
export function listKeys(database: string, times: KeyTimes = {}): ListedKey[] {
  return read(database, times).timeline.map(listed);
}

/**
 * Adds a key. It is published at once, and signs once every cache has it.
 *
 * @param atOnce it signs at once, and one that was waiting is dropped: for when a key has leaked, and with it
 *   whatever else stood in the file
 * @returns the new key
 * @throws {KeyRotationError} while another key is waiting, unless at once
 */
export async function rotateKey(
  database: string,
  { atOnce = false, ...times }: KeyTimes & { atOnce?: boolean } = {},
): Promise<ListedKey> {
  const pair = await newKeyPair();
  return changeKeys(database, times, (timeline, now) => {
    const next = timeline.find(({ state }) => state === 'next');
    if (next !== undefined && !atOnce) {
      const signsFrom = new Date(next.signsFrom).toISOString();
      throw new KeyRotationError(`the key ${next.kid} is waiting already, and signs from ${signsFrom}`);
    }
    const added = { ...pair, born: now, signsFrom: atOnce ? now : now + PUBLISHED_AHEAD };
    const kept = timeline.filter(({ state }) => state === 'signing' || state === 'retiring');
    const state = atOnce ? 'signing' : 'next';
    return { keys: [added, ...kept], about: { ...added, state, publishedUntil: null } };
  });
}

/**
 * Drops a key at once, from the file and from the published list: for one that has leaked. What it signed is
 * good no more wherever the list is fetched anew.
 *
 * @returns the key as it was
 * @throws {KeyRotationError} when there is no such key, or when it is the one that signs
 */
export function retireKey(database: string, kid: string, times: KeyTimes = {}): ListedKey {
  return changeKeys(database, times, (timeline) => {
    const about = timeline.find((key) => key.kid === kid);
    if (about === undefined) throw new KeyRotationError(`there is no key ${kid}`);
    if (about.state === 'signing')
      throw new KeyRotationError(`the key ${kid} is the one that signs: rotate first`);
    // One that is retired could come back with the going of its successor: it goes as well.
    return { keys: timeline.filter((key) => key !== about && key.state !== 'retired'), about };
  });
}

function changeKeys(
  database: string,
  times: KeyTimes,
  change: (timeline: TimedKey[], now: number) => { keys: readonly Key[]; about: TimedKey },
): ListedKey {
  refuseIfMissing(database);
  return underLock(keyFileOf(database), () => {
    const { timeline, now } = read(database, times); // Under the lock, which may have been long in coming.
    const { keys, about } = change(timeline, now);
    writeKeyFile(keyFileOf(database), keys);
    return listed(about);
  });
}

function read(database: string, times: KeyTimes): { timeline: TimedKey[]; now: number } {
  refuseIfMissing(database);
  const { tokenSeconds = TOKEN_SECONDS, clock = Date.now } = times;
  const now = clock();
  return { timeline: keyTimeline(readKeyFile(keyFileOf(database)), now, tokenSeconds), now };
}

/** Keys are made by the server alone, so that a misspelled path makes none that nobody uses. */
function refuseIfMissing(database: string): void {
  const file = keyFileOf(database);
  if (!existsSync(file))
    throw new KeyRotationError(`there is no ${file}: the server makes it when it first starts`);
}

function listed({ kid, state, born, signsFrom, publishedUntil }: TimedKey): ListedKey {
  return {
    kid,
    state,
    born: new Date(born),
    signsFrom: new Date(signsFrom),
    publishedUntil: publishedUntil === null ? null : new Date(publishedUntil),
  };
}
