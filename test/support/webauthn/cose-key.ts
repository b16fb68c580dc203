/** Public keys in COSE format (RFC 9053, section 7.1; RFC 8230, section 4). */
import type { KeyObject } from 'node:crypto';
import { cborMap, encodeCbor } from './cbor.ts';

export type Algorithm = 'Ed25519' | 'ES256' | 'RS256';

const bytes = (text = '') => Buffer.from(text, 'base64url');

export function toCoseKey(publicKey: KeyObject): Buffer {
  const { kty, x, y, n, e } = publicKey.export({ format: 'jwk' });
  if (kty === 'OKP') return encodeCbor(cborMap([1, 1], [3, -8], [-1, 6], [-2, bytes(x)]));
  if (kty === 'RSA') return encodeCbor(cborMap([1, 3], [3, -257], [-1, bytes(n)], [-2, bytes(e)]));
  return encodeCbor(cborMap([1, 2], [3, -7], [-1, 1], [-2, bytes(x)], [-3, bytes(y)]));
}
