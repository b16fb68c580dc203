/** The client authentication `private_key_jwt` (RFC 7523), for our introspection and a peer's. */
import type { KeyObject } from 'node:crypto';
import { type CryptoKey, SignJWT } from 'jose';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ASSERTION_LIFETIME = '50s';

export type AssertionKey = { readonly kid: string; readonly key: CryptoKey | KeyObject };

export async function createAssertion(
  { kid, key }: AssertionKey,
  client: string,
  audience: string,
): Promise<string> {
  return await new SignJWT({ iss: client, sub: client, aud: audience, jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'EdDSA', kid })
    .setIssuedAt()
    .setExpirationTime(ASSERTION_LIFETIME)
    .sign(key);
}
