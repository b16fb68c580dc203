/**
 * When a key is published and when it signs. It is published first and signs once no cache can hold a list
 * without it; it stays published until nothing that it signed can be alive. Only its own beginning is
 * stored: its end follows from its successor's beginning.
 */
import { CLOCK_TOLERANCE_SECONDS } from '@samesite-sso/protocol';
import type { Key } from './key-file.ts';

/** How long a server may cache its peer's list of public keys. */
export const JWKS_CACHE_SECONDS = 300;

/**
 * `private`, since a server that meets a new key must get the new list (RFC 9111, section 5.2.2.7). A shared
 * cache on the way would go on giving out the old one.
 */
export const JWKS_CACHE_CONTROL = `private, max-age=${JWKS_CACHE_SECONDS}`;

/** Milliseconds between a key's publication and its first signature. */
export const PUBLISHED_AHEAD = (JWKS_CACHE_SECONDS + CLOCK_TOLERANCE_SECONDS) * 1000;

/** What a server and its command line must see alike. */
export interface KeyTimes {
  /** How long the longest-lived thing lives that the keys sign; 120 by default. */
  tokenSeconds?: number;
  /** The time, in milliseconds since the epoch. */
  clock?: () => number;
}

export const TOKEN_SECONDS = 120;

/** `next` is published and waits; `retiring` signs no more and is still published; `retired` is neither. */
export type KeyState = 'next' | 'signing' | 'retiring' | 'retired';

export interface TimedKey extends Key {
  readonly state: KeyState;
  /** When it leaves the published list, in milliseconds since the epoch; null while it has no successor. */
  readonly publishedUntil: number | null;
}

/** @param keys the newest first */
export function keyTimeline(keys: readonly Key[], now: number, tokenSeconds: number): TimedKey[] {
  const begun = keys.findIndex(({ signsFrom }) => signsFrom <= now);
  // Where the clock was set back none has begun; the oldest goes on then, rather than nothing is signed.
  const signing = begun === -1 ? keys.length - 1 : begun;
  return keys.map((key, index) => {
    const successor = keys[index - 1];
    const publishedUntil =
      successor === undefined ? null : successor.signsFrom + (tokenSeconds + CLOCK_TOLERANCE_SECONDS) * 1000;
    const isPublished = publishedUntil === null || now < publishedUntil;
    const past = isPublished ? 'retiring' : 'retired';
    const state = index === signing ? 'signing' : index < signing ? 'next' : past;
    return { ...key, state, publishedUntil };
  });
}
