/** Fetches a peer's public keys when they are first needed, and caches them. */
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { boundedFetch } from '../http/bounded-fetch.ts';
import { JWKS_CACHE_SECONDS } from './key-lifecycle.ts';

/** The peer's keys can't be fetched. An invalid signature is another error. */
export class JwksUnreachableError extends Error {}

const FETCH_TIMEOUT_MS = 2000;
/** Between two fetches. */
const COOLDOWN_MS = 1000;
const COOLDOWN_AFTER_FAILURE_MS = 250;

/**
 * Returns the keys at the peer's `/.well-known/jwks.json`, below the path of its URL if it has one. An
 * unknown `kid` causes a fetch, but at most one per second, or four while the peer fails: forged tokens
 * can't make this server flood its peer.
 *
 * @param server base URL of the peer's server
 * @throws {JwksUnreachableError} from the returned function, within 2 s
 */
export function remoteKeys(server: string): JWTVerifyGetKey {
  let pausedUntilMs = 0; // jose itself pauses only after a fetch that succeeded.
  let fetchedAt = 0;
  const createKeySet = () =>
    createRemoteJWKSet(new URL(`${server}/.well-known/jwks.json`), {
      timeoutDuration: FETCH_TIMEOUT_MS,
      cooldownDuration: COOLDOWN_MS,
      cacheMaxAge: JWKS_CACHE_SECONDS * 1000,
      [customFetch]: async (url, options) => {
        if (performance.now() < pausedUntilMs) throw new Error('the last fetch of its keys has just failed');
        fetchedAt = Date.now();
        return await boundedFetch(url, options);
      },
    });
  let keySet = createKeySet();
  return async (header, token) => {
    // jose uses the wall clock. If it is set back, jose would trust its old list until the clock catches up.
    if (Date.now() < fetchedAt) keySet = createKeySet();
    try {
      return await keySet(header, token);
    } catch (error) {
      if (isAboutToken(error)) throw error;
      const now = performance.now();
      if (now >= pausedUntilMs) pausedUntilMs = now + COOLDOWN_AFTER_FAILURE_MS;
      throw new JwksUnreachableError(`${server}: ${(error as Error).message}`, { cause: error });
    }
  };
}

function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

/**
 * Describes why a JWT was rejected, for the log, without quoting the JWT.
 *
 * @param error thrown by `jwtVerify` or by a check of the claims
 */
export function describeJwtError(error: unknown): string {
  // jose quotes unknown critical headers in this message, and any client can send those.
  return error instanceof errors.JOSENotSupported
    ? 'it requires an unsupported feature'
    : (error as Error).message;
}
