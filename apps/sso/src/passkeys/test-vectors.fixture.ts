/**
 * The test vectors of Web Authentication Level 3, section 16. Their inputs are derived by HKDF, as section
 * 16.1 says; the signatures are copied from there.
 */
import { createECDH, createPrivateKey, createPublicKey, hash, hkdfSync } from 'node:crypto';
import { cborMap, encodeCbor } from '../../../../test/support/webauthn/cbor.ts';
import { FLAGS } from '../../../../test/support/webauthn/software-authenticator.ts';

export const VECTOR_ORIGIN = 'https://example.org';
export const VECTOR_RP_ID = 'example.org';

type Algorithm = 'ES256' | 'RS256' | 'Ed25519';

interface Vector {
  /** The `info` of the derivation. */
  info: string;
  algorithm?: Algorithm;
  idLength?: number;
  /** What the client data says about frames. */
  embedding?: { crossOrigin: boolean; topOrigin?: string };
  /** The signature of a self attestation. */
  attestationSignature?: string;
  /** Whether it has an attestation certificate, which is left out here. */
  hasCertificate?: boolean;
  signature: string;
}

const { UP, UV, BE, BS, AT } = FLAGS;
const toText = (bytes: Buffer) => bytes.toString('base64url');

/** Derives the values in the order in which the vector lists them. */
export function deriveVector({
  info,
  algorithm = 'ES256',
  idLength = 32,
  embedding = { crossOrigin: false },
  attestationSignature,
  hasCertificate = false,
  signature,
}: Vector) {
  const derive = derivation(info);
  const clientDataOf = (type: string, challenge: string) =>
    Buffer.from(
      JSON.stringify({ type, challenge, origin: VECTOR_ORIGIN, ...embedding, ...deriveExtraData(derive) }),
    );

  const registrationChallenge = toText(derive(32));
  const publicKey = PUBLIC_KEYS[algorithm](derive);
  const registrationClientData = clientDataOf('webauthn.create', registrationChallenge);
  const aaguid = derive(16);
  const idBytes = derive(idLength);
  const [registrationBits = 0] = derive(1);
  const isEligible = (registrationBits & BE) !== 0;
  const backupBits = isEligible ? BE | BS : 0;
  const length = Buffer.from([idBytes.length >> 8, idBytes.length % 256]);
  const attested = [aaguid, length, idBytes, publicKey];
  const registered = toAuthenticatorData(UP | AT | (registrationBits & (UV | backupBits)), ...attested);
  if (hasCertificate) for (const unused of [32, 16]) derive(unused);

  const challenge = toText(derive(32));
  const clientData = clientDataOf('webauthn.get', challenge);
  const [bits = 0] = derive(1);
  const signedIn = toAuthenticatorData(UP | (backupBits & BE) | (bits & (UV | (backupBits & BS))));

  const id = toText(idBytes);
  const named = { id, rawId: id, type: 'public-key' } as const;
  return {
    passkey: { id, publicKey },
    registration: {
      challenge: registrationChallenge,
      credential: {
        ...named,
        response: {
          clientDataJSON: toText(registrationClientData),
          attestationObject: toText(toAttestation(registered, attestationSignature)),
        },
      },
    },
    authentication: {
      challenge,
      credential: {
        ...named,
        response: {
          clientDataJSON: toText(clientData),
          authenticatorData: toText(signedIn),
          signature: toText(Buffer.from(signature, 'hex')),
        },
      },
    },
  };
}

type Derive = (length: number) => Buffer;

/** Each value has the next salt. */
function derivation(info: string): Derive {
  let salt = 0;
  return (length) => {
    const value = hkdfSync('sha256', 'WebAuthn test vectors', Buffer.from([salt]), info, length);
    salt += 1;
    return Buffer.from(value);
  };
}

function deriveExtraData(derive: Derive): { extraData?: string } {
  const [flags = 0] = derive(1);
  if ((flags & 1) === 0) return {};
  const sentence = 'clientDataJSON may be extended with additional fields in the future, such as this';
  return { extraData: `${sentence}: ${toText(derive(16))}` };
}

/** As COSE keys. The vector with RS256 derives none: its primes are 2^1279 - 1 and 2^2203 - 1. */
const PUBLIC_KEYS: Record<Algorithm, (derive: Derive) => Buffer> = {
  ES256: (derive) => {
    const key = createECDH('prime256v1');
    key.setPrivateKey(derive(32));
    const point = key.getPublicKey();
    const coordinates = [point.subarray(1, 33), point.subarray(33)] as const;
    return encodeCbor(cborMap([1, 2], [3, -7], [-1, 1], [-2, coordinates[0]], [-3, coordinates[1]]));
  },
  RS256: () => {
    const modulus = ((1n << 1279n) - 1n) * ((1n << 2203n) - 1n);
    const bytes = Buffer.from(`0${modulus.toString(16)}`, 'hex');
    return encodeCbor(cborMap([1, 3], [3, -257], [-1, bytes], [-2, Buffer.from([1, 0, 1])]));
  },
  Ed25519: (derive) => {
    // The key's DER encoding has a fixed prefix (RFC 8410, section 7).
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), derive(32)]);
    const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
    const { x = '' } = key.export({ format: 'jwk' });
    return encodeCbor(cborMap([1, 1], [3, -8], [-1, 6], [-2, Buffer.from(x, 'base64url')]));
  },
};

function toAuthenticatorData(flags: number, ...attested: Buffer[]): Buffer {
  const rpIdHash = hash('sha256', VECTOR_RP_ID, 'buffer');
  return Buffer.concat([rpIdHash, Buffer.from([flags]), Buffer.alloc(4), ...attested]);
}

function toAttestation(authData: Buffer, selfSignature: string | undefined): Buffer {
  const isNone = selfSignature === undefined;
  const statement = isNone ? cborMap() : cborMap(['alg', -7], ['sig', Buffer.from(selfSignature, 'hex')]);
  const format = isNone ? 'none' : 'packed';
  return encodeCbor(cborMap(['fmt', format], ['attStmt', statement], ['authData', authData]));
}
