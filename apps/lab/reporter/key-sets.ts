/** Fetches the published keys of the site's servers, as the servers themselves do. */
import { type CryptoKey, createRemoteJWKSet, customFetch } from 'jose';
import { labRequest } from './lab-request.ts';

const CACHE_MS = 60_000;
/** Limits how often a key set is fetched, so that forged tokens can't make the reporter flood a server. */
const COOLDOWN_MS = 1000;

/** Returns null if the issuer's key set is unknown, can't be fetched, or doesn't have the key. */
export type FindKey = (issuer: unknown, header: { alg: string; kid: string }) => Promise<CryptoKey | null>;

/** The addresses of key sets, by the `iss` of the JWTs that their keys sign. */
export type KeySetUrls = ReadonlyMap<string, string>;

export function createKeyFinder(urls: KeySetUrls): FindKey {
  const keySets = new Map<unknown, ReturnType<typeof createRemoteJWKSet>>(
    [...urls].map(([issuer, url]) => [issuer, createKeySet(url)]),
  );
  return async (issuer, header) => {
    const keySet = keySets.get(issuer);
    return keySet === undefined ? null : await keySet(header).catch(() => null);
  };
}

function createKeySet(url: string) {
  let failedAt = Number.NEGATIVE_INFINITY;
  /** Adds a cooldown after failed fetches: jose's own applies only after successful ones. */
  async function fetchKeySet(): Promise<Response> {
    if (performance.now() - failedAt < COOLDOWN_MS) return Response.error();
    const response = await labRequest(url);
    if (response?.status === 200) return new Response(response.body, response);
    failedAt = performance.now();
    return Response.error();
  }
  const options = { cacheMaxAge: CACHE_MS, cooldownDuration: COOLDOWN_MS, [customFetch]: fetchKeySet };
  return createRemoteJWKSet(new URL(url), options);
}
