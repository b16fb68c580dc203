/** One key: its id, its private half, its public half. Where keys are kept is told in `key-file.ts`. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';

/**
 * Ed25519: signs faster than ES256, and deterministically, so no weak random number at signing time can
 * give the key away (RFC 8032, section 8.2).
 */
export const ALGORITHM = 'EdDSA';

export interface KeyPair {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** As it is published. Made of the private key alone, so that nothing else can slip into it. */
  readonly publicKey: JWK;
}

/** A private key as it is stored (RFC 8037). */
export type PrivateJwk = Record<'kty' | 'crv' | 'd' | 'x' | 'kid', string>;

export async function newKeyPair(): Promise<KeyPair> {
  for (;;) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const kid = await calculateJwkThumbprint(publicKey.export({ format: 'jwk' }) as JWK);
    // On a command line, what begins with a hyphen is taken for an option.
    if (!kid.startsWith('-')) return keyPair(kid, privateKey);
  }
}

export function isPrivateJwk({ kty, crv, d, x, kid }: PrivateJwk): boolean {
  const areTexts = [d, x, kid].every((text) => typeof text === 'string' && text !== '');
  return kty === 'OKP' && crv === 'Ed25519' && areTexts;
}

/** @throws when it is no key, or its public half is another key's: nobody could verify what it signs */
export function importKeyPair({ kty, crv, d, x, kid }: PrivateJwk): KeyPair {
  const pair = keyPair(kid, createPrivateKey({ key: { kty, crv, d, x }, format: 'jwk' }));
  if (pair.publicKey.x !== x) throw new Error('the public half is of another key');
  return pair;
}

export function exportKeyPair({ privateKey, publicKey }: KeyPair): object {
  return { ...publicKey, d: privateKey.export({ format: 'jwk' }).d };
}

function keyPair(kid: string, privateKey: KeyObject): KeyPair {
  const { kty, crv, x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { kid, privateKey, publicKey: { kty, crv, x, kid, alg: ALGORITHM, use: 'sig' } as JWK };
}
