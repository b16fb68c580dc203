/** The public keys of a peer, fetched when first needed and cached. */
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { boundedFetch } from './bounded-fetch.ts';

/** Thrown when the peer's keys cannot be had, as opposed to a signature that none of them made. */
export class KeysUnreachable extends Error {}

/**
 * The keys at a peer's `/.well-known/jwks.json`. An unknown `kid` leads to one fetch, and at most to one a
 * second, so that junk cannot make this server hammer its peer.
 *
 * @param server base URL of the peer's server
 * @throws {KeysUnreachable} from the returned function, within 2 s
 */
export function remoteKeys(server: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', server), {
    timeoutDuration: 2000,
    cooldownDuration: 1000,
    cacheMaxAge: 300_000,
    [customFetch]: boundedFetch,
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      const isAboutTheToken =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported;
      throw isAboutTheToken
        ? error
        : new KeysUnreachable(`${server}: ${(error as Error).message}`, { cause: error });
    }
  };
}
