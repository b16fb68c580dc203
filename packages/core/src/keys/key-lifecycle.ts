/**
 * Decides when a key is published and when it signs. A key is published first, and signs once every cached
 * list must contain it. It stays published until everything that it signed has expired. Only its start is
 * stored: its end follows from the start of its successor.
 */
import { CLOCK_TOLERANCE_SECONDS } from '@samesite-sso/protocol';
import type { KeyStore } from './key-store.ts';
import type { Key } from './stored-key.ts';

/** How long a server may cache its peer's list of public keys. */
export const JWKS_CACHE_SECONDS = 300;

/** `private` (RFC 9111, section 5.2.2.7): a shared cache would serve the old list when a key is unknown. */
export const JWKS_CACHE_CONTROL = `private, max-age=${JWKS_CACHE_SECONDS}`;

/**
 * The time between a key's publication and its first signature. An instance may publish the old list until it
 * notices the change, and a peer may cache that list.
 */
export function activationDelayMs({ propagationSeconds }: KeyStore): number {
  return (propagationSeconds + JWKS_CACHE_SECONDS + CLOCK_TOLERANCE_SECONDS) * 1000;
}

/** A server and its command line must use the same values. */
export interface KeyTimes {
  /** The longest lifetime of what the keys sign. */
  tokenSeconds?: number;
}

export const DEFAULT_TOKEN_SECONDS = 120;

/** `next` is pending; `retiring` no longer signs but is still published; `retired` isn't published. */
export type KeyState = 'next' | 'signing' | 'retiring' | 'retired';

export interface KeyWithState extends Key {
  readonly state: KeyState;
  /** In milliseconds since the epoch. Null while the key has no successor. */
  readonly publishedUntil: number | null;
}

/**
 * @param keys the newest first
 * @param tokenSeconds how long a token may be valid after the successor of its key has become active
 */
export function withStates(keys: readonly Key[], now: number, tokenSeconds: number): KeyWithState[] {
  const active = keys.findIndex(({ activeFrom }) => activeFrom <= now);
  // If the clock was set back, no key may be active. Then the oldest signs, so that signing goes on.
  const signing = active === -1 ? keys.length - 1 : active;
  return keys.map((key, index) => {
    const successor = keys[index - 1];
    const publishedUntil =
      successor === undefined ? null : successor.activeFrom + (tokenSeconds + CLOCK_TOLERANCE_SECONDS) * 1000;
    const isPublished = publishedUntil === null || now < publishedUntil;
    const pastState = isPublished ? 'retiring' : 'retired';
    const state = index === signing ? 'signing' : index < signing ? 'next' : pastState;
    return { ...key, state, publishedUntil };
  });
}
