/** The test vectors of Web Authentication Level 3, section 16, for what this service accepts and refuses. */
import { describe, expect, test } from 'vitest';
import { readChallenge, verifyAssertion, verifyRegistration } from './passkey-verification.ts';
import { deriveVector, VECTOR_ORIGIN, VECTOR_RP_ID } from './test-vectors.fixture.ts';

const UNVERIFIED = 'the user was not verified';
const EMBEDDED = 'an embedded page';

/** Each with the reason for which a ceremony is refused; null if it is accepted. */
const VECTORS: readonly (Parameters<typeof deriveVector>[0] & {
  title: string;
  refused: { registration: string | null; authentication: string | null };
})[] = [
  {
    title: '16.2, no attestation, and a person who wasn’t verified',
    info: 'none.ES256',
    signature:
      '3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd38' +
      '0221008480ac0f0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87',
    refused: { registration: UNVERIFIED, authentication: UNVERIFIED },
  },
  {
    title: '16.3, a self attestation',
    info: 'packed-self.ES256',
    attestationSignature:
      '30440220067a20754ab925005dbf378097c92120031581c73228d1fb4f5b881bcd7da983' +
      '02207fc7b147558c7c0eba3af18bd9d121fa3d3a26d17fe3f220272178f473b6006d',
    signature:
      '304402203310b9431903c401f1be2bdc8d23a4007682dbbddcf846994947b7f465daf840' +
      '02204e94dd00047b316061b3b99772b7efd95994a83ef584b3b6b825ea3550251b66',
    refused: { registration: null, authentication: UNVERIFIED },
  },
  {
    title: '16.4, a page in a frame of another origin',
    info: 'none.ES256.crossOrigin',
    embedding: { crossOrigin: true },
    signature:
      '3046022100eb12fcf23b12764c0f122e22371fab92e283879fd798f38ee1841c951b6e40e7' +
      '022100c76237ff9db77b3c56f30837cda6a09acfa2e915544e609c0733b1184036d1cf',
    refused: { registration: EMBEDDED, authentication: EMBEDDED },
  },
  {
    title: '16.5, a page in a frame that names the other origin',
    info: 'none.ES256.topOrigin',
    embedding: { crossOrigin: true, topOrigin: 'https://example.com' },
    signature:
      '3045022100b5a70c81780d5fcc9a4f2ae9caae99058f8accaf58b91fb59329646c28ac6ffc' +
      '022012e101c165db3c8e9957f0c54dd6ca9b56bc3bd2f280bd2faa6c1d02c6e5c171',
    refused: { registration: EMBEDDED, authentication: EMBEDDED },
  },
  {
    title: '16.6, the longest credential id',
    info: 'none.ES256.long-credential-id',
    idLength: 1023,
    signature:
      '304502203ecef83fb12a0cae7841055f9f87103a99fd14b424194bbf06c4623d3ee6e3fd' +
      '022100d2ace346db262b1374a6b70faa51f518a42ddca13a4125ce6f5052a75bac9fb6',
    refused: { registration: UNVERIFIED, authentication: null },
  },
  {
    title: '16.7, a passkey with an attestation certificate',
    info: 'packed.ES256',
    hasCertificate: true,
    signature:
      '30450220694969d3ee928de6f02ef23a9c644d7d779916451734a94b432542f498a1ebe9' +
      '0221008b0819c824218a97152cd099c55bfb1477b29d900a49a64018314f9bfccda163',
    // The attestation is left out: we ask for none.
    refused: { registration: null, authentication: null },
  },
  {
    title: '16.10, RS256',
    info: 'packed.RS256',
    algorithm: 'RS256',
    hasCertificate: true,
    signature:
      '01063d52d7c39b4d432fc7063c5d93e582bdcb16889cd71f888d67d880ea730a428498d3bc8e1ee11f2b1ecb' +
      'e6c292b118c55ffaaddefa8cad0a54dd137c51f1eec673f1bb6c4d1789d6826a222b22d0f585fc901fdc9332' +
      '12e579d199b89d672aa44891333e6a1355536025e82b25590256c3538229b55737083b2f6b9377e49e2472f1' +
      '1952f79fdd0da180b5ffd901b4049a8f081bb40711bef76c62aed943571f2d0575304cb549d68d8892f95086' +
      'a30f93716aee818f8dc06e96c0d5e0ed4cfa9fd8773d90464b68cf140f7986666ff9c9e3302acd0535d60d76' +
      '9f465e2ab57ef8aabc89fccfef7ba32a64154a8b3d26be2298f470b8cc5377dbe3dfd4b0b45f8f01e63bde6c' +
      'fc76b62771f9b70aa27cf40152cad93aa5acd784fd4b90f676e2ea828d0bf2400aebbaae4153e5838f537f88' +
      'b6228346782a93a899be66ec77de45b3efcf311da6321c92e6b0cd11bfe653bf3e98cee8e341f02d67dbb6f9' +
      'c98d9e8178090cfb5b70fbc6d541599ac794ae2f1d4de1286ec8de8c2daf7b1d15c8438e90d924df5c190452' +
      '20a4c8438c1b979bbe016cf3d0eeec23c3999d4882cc645b776de930756612cdc6dd398160ff02a6',
    refused: { registration: null, authentication: UNVERIFIED },
  },
  {
    title: '16.11, Ed25519',
    info: 'packed.EdDSA',
    algorithm: 'Ed25519',
    hasCertificate: true,
    signature:
      'f5c59c7e46c34f6f8cc197101ddf9934fa2595f68eb1913a637e8419eb9ba4cfdfc48f85393bc0d40b011f0d' +
      '6fecb097d6607525713223a0dc0d453993dae00b',
    refused: { registration: UNVERIFIED, authentication: UNVERIFIED },
  },
];

describe.each(VECTORS)('the test vector $title', ({ refused, ...vector }) => {
  const { passkey, registration, authentication } = deriveVector(vector);
  const expected = { origin: VECTOR_ORIGIN, rpId: VECTOR_RP_ID };

  test(`is ${refused.registration === null ? 'accepted' : 'refused'} at a registration`, async () => {
    const { credential, challenge } = registration;
    const verify = async () => {
      const type = 'webauthn.create';
      expect(readChallenge(credential.response.clientDataJSON, { type, ...expected })).toBe(challenge);
      return await verifyRegistration(credential, { challenge, ...expected });
    };
    if (refused.registration === null) await expect(verify()).resolves.toMatchObject(passkey);
    else await expect(verify()).rejects.toThrow(refused.registration);
  });

  test(`is ${refused.authentication === null ? 'accepted' : 'refused'} at a sign-in`, async () => {
    const { credential, challenge } = authentication;
    const verify = async () => {
      const type = 'webauthn.get';
      expect(readChallenge(credential.response.clientDataJSON, { type, ...expected })).toBe(challenge);
      return await verifyAssertion(credential, passkey, { challenge, ...expected });
    };
    if (refused.authentication === null) await expect(verify()).resolves.toMatchObject({ counter: 0 });
    else await expect(verify()).rejects.toThrow(refused.authentication);
  });
});
