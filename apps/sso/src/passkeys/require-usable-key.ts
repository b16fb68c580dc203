/** Checks the public key of a new passkey, which nothing uses before the first sign-in. */
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { PasskeyError } from './passkey-error.ts';

const MIN_RSA_BITS = 2048;

/** The label of the algorithm in a COSE key (RFC 9052, section 7.1). */
const ALG = 3;
/** COSE algorithms (RFC 9053, section 2; RFC 8812, section 2). EdDSA means Ed25519 here. */
export const EDDSA = -8;
export const ES256 = -7;
export const RS256 = -257;

/** The members of a COSE key by their labels (RFC 9053, section 7; RFC 8230, section 4). */
interface CoseKey {
  get(label: number): unknown;
}

/** @throws {PasskeyError} if an RSA key is too short; {Error} unless it is a complete key of its algorithm */
export function requireUsableKey(coseKey: CoseKey): void {
  const { asymmetricKeyDetails } = createPublicKey({ key: toJwk(coseKey), format: 'jwk' });
  const { modulusLength = MIN_RSA_BITS } = asymmetricKeyDetails ?? {};
  if (modulusLength < MIN_RSA_BITS) {
    throw new PasskeyError(`the RSA key has only ${modulusLength} bits`);
  }
}

function toJwk(coseKey: CoseKey): JsonWebKey {
  const member = (label: number) => {
    const value = coseKey.get(label);
    if (!(value instanceof Uint8Array)) throw new Error('a member of the public key is missing');
    return Buffer.from(value).toString('base64url');
  };
  switch (coseKey.get(ALG)) {
    case EDDSA:
      return { kty: 'OKP', crv: 'Ed25519', x: member(-2) };
    case ES256:
      return { kty: 'EC', crv: 'P-256', x: member(-2), y: member(-3) };
    case RS256:
      return { kty: 'RSA', n: member(-1), e: member(-2) };
    default:
      throw new Error('a public key of another algorithm');
  }
}
