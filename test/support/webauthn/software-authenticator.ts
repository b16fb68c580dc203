/**
 * An authenticator with one passkey, and the browser in front of it (Web Authentication Level 3). A test can
 * change every value that they send: the authenticator signs it.
 */
import { generateKeyPairSync, hash, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { AuthenticationCredential } from '@samesite-sso/protocol';
import type { RegistrationCredential } from '../../../apps/sso/src/passkeys/registration-credential.ts';
import { type CborMap, cborMap, encodeCbor } from './cbor.ts';
import { type Algorithm, toCoseKey } from './cose-key.ts';

export const RP_ID = 'example.localhost';

/** Section 6.1: user present, user verified, backup eligible, backed up, attested credential data. */
export const FLAGS = { UP: 0x01, UV: 0x04, BE: 0x08, BS: 0x10, AT: 0x40 };

export interface Ceremony {
  challenge: string;
  origin: string;
  /** Replace what the browser says; `undefined` omits a member. */
  clientData?: Record<string, unknown>;
  rpId?: string;
  flags?: number;
  counter?: number;
}

const GENERATORS: Readonly<Record<Algorithm, () => { privateKey: KeyObject; publicKey: KeyObject }>> = {
  Ed25519: () => generateKeyPairSync('ed25519'),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

const sha256 = (data: string | Buffer) => hash('sha256', data, 'buffer');

export function softwareAuthenticator({
  algorithm = 'Ed25519' as Algorithm,
  id = randomBytes(16),
  flags = FLAGS.UP | FLAGS.UV,
} = {}) {
  const { privateKey, publicKey } = GENERATORS[algorithm]();
  const credentialId = id.toString('base64url');
  const credential = { id: credentialId, rawId: credentialId, type: 'public-key' } as const;
  const signed = (data: Buffer) => sign(algorithm === 'Ed25519' ? null : 'sha256', data, privateKey);
  let userHandle = Buffer.alloc(0);

  return {
    id: credentialId,
    publicKey: toCoseKey(publicKey),
    get userHandle(): string {
      return userHandle.toString('base64url');
    },
    /** `navigator.credentials.create`. */
    create(
      ceremony: Ceremony & { user?: { id: string }; statement?: CborMap; format?: string },
    ): RegistrationCredential {
      if (ceremony.user !== undefined) userHandle = Buffer.from(ceremony.user.id, 'base64url');
      const attested = [Buffer.alloc(16), length16(id), id, toCoseKey(publicKey)];
      const authData = authenticatorData({ flags, ...ceremony }, FLAGS.AT, attested);
      const { format = 'none', statement = cborMap() } = ceremony;
      const attestation = cborMap(['fmt', format], ['attStmt', statement], ['authData', authData]);
      const attestationObject = encodeCbor(attestation).toString('base64url');
      const { text } = clientDataOf('webauthn.create', ceremony);
      return {
        ...credential,
        response: { clientDataJSON: text, attestationObject, transports: ['internal'] },
      };
    },
    /** `navigator.credentials.get`. */
    get(ceremony: Ceremony & { userHandle?: string | null }): AuthenticationCredential {
      const authData = authenticatorData({ flags, ...ceremony }, 0, []);
      const { bytes, text } = clientDataOf('webauthn.get', ceremony);
      const { userHandle: handle = userHandle.toString('base64url') } = ceremony;
      return {
        ...credential,
        response: {
          clientDataJSON: text,
          authenticatorData: authData.toString('base64url'),
          signature: signed(Buffer.concat([authData, sha256(bytes)])).toString('base64url'),
          userHandle: handle,
        },
      };
    },
    sign: signed,
  };
}

export type SoftwareAuthenticator = ReturnType<typeof softwareAuthenticator>;

function clientDataOf(type: string, { challenge, origin, clientData = {} }: Ceremony) {
  const bytes = Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false, ...clientData }));
  return { bytes, text: bytes.toString('base64url') };
}

function authenticatorData(
  { rpId = RP_ID, flags = 0, counter = 0 }: Pick<Ceremony, 'rpId' | 'flags' | 'counter'>,
  moreFlags: number,
  attested: Buffer[],
): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(counter);
  return Buffer.concat([sha256(rpId), Buffer.from([flags | moreFlags]), count, ...attested]);
}

function length16({ length }: Buffer): Buffer {
  return Buffer.from([length >> 8, length % 256]);
}
