/** One signing key: its id, its private half and its public half. `key-file.ts` stores it. */
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

export function isPrivateJwk({ kty, crv, d, x, kid }: PrivateJwk): boolean {
  const isComplete = [d, x, kid].every((member) => typeof member === 'string' && member !== '');
  return kty === 'OKP' && crv === 'Ed25519' && isComplete;
}

/**
 * @throws when it isn't a key, or its public half belongs to another key: nobody could verify its signatures
 */
export function importKeyPair({ kty, crv, d, x, kid }: PrivateJwk): KeyPair {
  const pair = toKeyPair(kid, createPrivateKey({ key: { kty, crv, d, x }, format: 'jwk' }));
  if (pair.publicKey.x !== x) throw new Error('the public half belongs to another key');
  return pair;
}

export function exportKeyPair({ privateKey, publicKey }: KeyPair): object {
  return { ...publicKey, d: privateKey.export({ format: 'jwk' }).d };
}

/**
 * Leaves out `alg`: `crv` determines it, and peers that compare names could not verify what was signed as
 * `EdDSA` before an update.
 */
function toKeyPair(kid: string, privateKey: KeyObject): KeyPair {
  const { kty, crv, x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { kid, privateKey, publicKey: { kty, crv, x, kid, use: 'sig' } as JWK };
}
