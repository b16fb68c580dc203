/** One signing key: its id, its private half and its public half. `stored-key.ts` adds its times. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';

/**
 * The `alg` of new signatures (RFC 9864); peers also accept its older name, `EdDSA`. Ed25519 signs faster
 * than ES256 and deterministically: no weak random number can give the key away (RFC 8032, section 8.2).
 */
export const SIGNING_ALGORITHM = 'Ed25519';

export interface KeyPair {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** As published. Derived from the private key, so that no other member of the file is published. */
  readonly publicKey: JWK;
}

/** A private key as stored (RFC 8037). */
export type PrivateJwk = Record<'kty' | 'crv' | 'd' | 'x' | 'kid', string>;

export async function createKeyPair(): Promise<KeyPair> {
  for (;;) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const kid = await calculateJwkThumbprint(publicKey.export({ format: 'jwk' }) as JWK);
    // A command line takes an argument that begins with a hyphen for an option.
    if (!kid.startsWith('-')) return toKeyPair(kid, privateKey);
  }
}

/** @throws when it isn't such a key, or its public half belongs to another: no signature would be valid */
export function importKeyPair({ kty, crv, d, x, kid }: PrivateJwk): KeyPair {
  if (kty !== 'OKP' || crv !== 'Ed25519') throw new Error('not a key for Ed25519');
  if (typeof kid !== 'string' || kid === '') throw new Error('no key id');
  const pair = toKeyPair(kid, createPrivateKey({ key: { kty, crv, d, x }, format: 'jwk' }));
  if (pair.publicKey.x !== x) throw new Error('the public half belongs to another key');
  return pair;
}

export function exportKeyPair({ privateKey, publicKey }: KeyPair): object {
  return { ...publicKey, d: privateKey.export({ format: 'jwk' }).d };
}

/**
 * Leaves out `alg`: `crv` determines it, and peers that compare names couldn't verify what was signed as
 * `EdDSA` before an update.
 */
function toKeyPair(kid: string, privateKey: KeyObject): KeyPair {
  const { kty, crv, x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { kid, privateKey, publicKey: { kty, crv, x, kid, use: 'sig' } as JWK };
}
