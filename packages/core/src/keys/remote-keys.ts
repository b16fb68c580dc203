/** The public keys of a peer, fetched when first needed and cached. */
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { boundedFetch } from '../http/bounded-fetch.ts';
import { JWKS_CACHE_SECONDS } from './key-lifecycle.ts';

/** Thrown when the peer's keys cannot be had, as opposed to a signature that none of them made. */
export class JwksUnreachableError extends Error {}

/** Milliseconds between two fetches, after one that brought keys and after one that failed. */
const PAUSE = 1000;
const PAUSE_AFTER_FAILURE = 250;

/**
 * The keys at a peer's `/.well-known/jwks.json`, below the path of its URL if it has one. An unknown `kid`
 * leads to one fetch, and at most to one a second, or four while the peer fails, so that junk cannot make
 * this server hammer its peer.
 *
 * @param server base URL of the peer's server
 * @throws {JwksUnreachableError} from the returned function, within 2 s
 */
export function remoteKeys(server: string): JWTVerifyGetKey {
  let pausedUntil = 0; // The library itself pauses only after a fetch that brought keys.
  let fetchedAt = 0;
  const newKeys = () =>
    createRemoteJWKSet(new URL(`${server}/.well-known/jwks.json`), {
      timeoutDuration: 2000,
      cooldownDuration: PAUSE,
      cacheMaxAge: JWKS_CACHE_SECONDS * 1000,
      [customFetch]: async (url, options) => {
        if (performance.now() < pausedUntil) throw new Error('gave no keys a moment ago');
        fetchedAt = Date.now();
        return await boundedFetch(url, options);
      },
    });
  let keys = newKeys();
  return async (header, token) => {
    // The library goes by the clock on the wall: set back, it would trust its old list, and fetch no new one,
    // until that clock has caught up.
    if (Date.now() < fetchedAt) keys = newKeys();
    try {
      return await keys(header, token);
    } catch (error) {
      if (isAboutTheToken(error)) throw error;
      const now = performance.now();
      if (now >= pausedUntil) pausedUntil = now + PAUSE_AFTER_FAILURE;
      throw new JwksUnreachableError(`${server}: ${(error as Error).message}`, { cause: error });
    }
  };
}

function isAboutTheToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}
