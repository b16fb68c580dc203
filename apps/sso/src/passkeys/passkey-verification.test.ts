import { describe, expect, test } from 'vitest';
import { cborMap, encodeCbor } from '../../../../test/support/webauthn/cbor.ts';
import {
  type Ceremony,
  FLAGS,
  RP_ID,
  softwareAuthenticator,
} from '../../../../test/support/webauthn/software-authenticator.ts';
import { PasskeyError } from './passkey-error.ts';
import { readChallenge, verifyAssertion, verifyRegistration } from './passkey-verification.ts';

const CEREMONY = { challenge: 'Y2hhbGxlbmdl', origin: 'http://foo.app.example.localhost:4001' };
const EXPECTED = { ...CEREMONY, rpId: RP_ID };
const VERIFIED = FLAGS.UP | FLAGS.UV;

const authenticator = softwareAuthenticator();
const signIn = (changes: Partial<Ceremony> = {}) =>
  verifyAssertion(authenticator.get({ ...CEREMONY, ...changes }), authenticator, EXPECTED);
const register = (changes: Partial<Parameters<typeof authenticator.create>[0]> = {}) =>
  verifyRegistration(authenticator.create({ ...CEREMONY, ...changes }), EXPECTED);

describe.each(['Ed25519', 'ES256', 'RS256'] as const)('a passkey with %s', (algorithm) => {
  test('is registered, and signs in', async () => {
    const passkey = softwareAuthenticator({ algorithm });
    const registered = await verifyRegistration(passkey.create(CEREMONY), EXPECTED);
    expect(registered).toEqual({
      id: passkey.id,
      publicKey: passkey.publicKey,
      counter: 0,
      transports: ['internal'],
      isBackupEligible: false,
    });
    const credential = passkey.get({ ...CEREMONY, counter: 7 });
    expect(await verifyAssertion(credential, registered, EXPECTED)).toEqual({
      counter: 7,
      isBackupEligible: false,
    });
  });

  test('is refused if anything that was signed has changed, or the signature has', async () => {
    const passkey = softwareAuthenticator({ algorithm });
    const credential = passkey.get(CEREMONY);
    const another = passkey.get({ ...CEREMONY, counter: 8 });
    for (const member of ['authenticatorData', 'signature'] as const) {
      const response = { ...credential.response, [member]: another.response[member] };
      const verify = verifyAssertion({ ...credential, response }, passkey, EXPECTED);
      await expect(verify).rejects.toThrow('the signature is wrong');
    }
  });
});

describe('a sign-in is refused', () => {
  test.each([
    ['without user verification [T-PASSKEY-06]', { flags: FLAGS.UP }, 'the user was not verified'],
    ['without user presence', { flags: FLAGS.UV }, 'the user was not present'],
    ['for the RP ID of the parent [T-PASSKEY-07]', { rpId: 'localhost' }, 'another RP ID'],
    ['for the RP ID of a sibling [T-PASSKEY-07]', { rpId: 'sso.example.localhost' }, 'another RP ID'],
    ['that is backed up, but can’t be', { flags: VERIFIED | FLAGS.BS }, 'the flags contradict each other'],
  ])('%s', async (_title, changes, reason) => {
    await expect(signIn(changes)).rejects.toThrow(PasskeyError);
    await expect(signIn(changes)).rejects.toThrow(reason);
  });

  test.each([
    ['a text', 'x\0\ud83d'],
    ['an object', { status: 'x\0' }],
  ])('with a token binding that is %s, which the reason doesn’t quote', async (_title, tokenBinding) => {
    await expect(signIn({ clientData: { tokenBinding } })).rejects.toThrow(/^malformed$/);
  });

  test('with the key of another passkey', async () => {
    const other = softwareAuthenticator();
    const verify = verifyAssertion(authenticator.get(CEREMONY), { ...other, id: authenticator.id }, EXPECTED);
    await expect(verify).rejects.toThrow('the signature is wrong');
  });

  test.each([
    ['empty', ''],
    ['too short', Buffer.alloc(36).toString('base64url')],
    ['too long', Buffer.alloc(300).toString('base64url')],
  ])('with authenticator data that is %s', async (_title, authenticatorData) => {
    const credential = authenticator.get(CEREMONY);
    const response = { ...credential.response, authenticatorData };
    await expect(verifyAssertion({ ...credential, response }, authenticator, EXPECTED)).rejects.toThrow(
      PasskeyError,
    );
  });
});

describe('a registration is refused', () => {
  test.each([
    ['without user verification [T-PASSKEY-06]', { flags: FLAGS.UP }, 'the user was not verified'],
    ['without user presence', { flags: FLAGS.UV }, 'the user was not present'],
    ['for the RP ID of the parent [T-PASSKEY-07]', { rpId: 'localhost' }, 'another RP ID'],
    [
      'with an attestation certificate, whose revocation list would be requested [T-PASSKEY-09]',
      {
        format: 'packed',
        statement: cborMap(['alg', -8], ['sig', Buffer.alloc(64)], ['x5c', [Buffer.alloc(10)]]),
      },
      /certificates/,
    ],
    ['with an attestation of another format [T-PASSKEY-09]', { format: 'tpm' }, /certificates/],
    [
      'with a wrong self attestation',
      { format: 'packed', statement: cborMap(['alg', -8], ['sig', Buffer.alloc(64)]) },
      'the self attestation is wrong',
    ],
  ])('%s', async (_title, changes, reason) => {
    await expect(register(changes)).rejects.toThrow(PasskeyError);
    await expect(register(changes)).rejects.toThrow(reason);
  });

  test('with another credential id than that of the authenticator', async () => {
    const { id } = softwareAuthenticator();
    const credential = { ...authenticator.create(CEREMONY), id, rawId: id };
    await expect(verifyRegistration(credential, EXPECTED)).rejects.toThrow('the two credential ids differ');
  });

  test('with a credential id over 1023 bytes', async () => {
    const { create } = softwareAuthenticator({ id: Buffer.alloc(1024, 1) });
    await expect(verifyRegistration(create(CEREMONY), EXPECTED)).rejects.toThrow(
      'the credential id is too long',
    );
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a number', encodeCbor(1)],
    ['a text', encodeCbor('none')],
    ['a list', encodeCbor([])],
    ['an empty map', encodeCbor(cborMap())],
    ['a map that ends too early', encodeCbor(cborMap(['fmt', 'none'])).subarray(0, -1)],
    ['a map without a statement', encodeCbor(cborMap(['fmt', 'packed']))],
    ['a length beyond the end', Buffer.from('5bffffffffffffffff', 'hex')],
    ['deep nesting', Buffer.alloc(1500, 0x81)],
    ['endless nesting', Buffer.alloc(1500, 0x9f)],
    ['junk', Buffer.alloc(1500, 0xff)],
  ])('with an attestation object that is %s [T-PASSKEY-08]', async (_title, bytes) => {
    const credential = authenticator.create(CEREMONY);
    const response = { ...credential.response, attestationObject: bytes.toString('base64url') };
    await expect(verifyRegistration({ ...credential, response }, EXPECTED)).rejects.toThrow(PasskeyError);
  });

  test('wherever it is cut off, and a changed byte never breaks the service [T-PASSKEY-08]', async () => {
    const credential = authenticator.create(CEREMONY);
    const bytes = Buffer.from(credential.response.attestationObject, 'base64url');
    const verify = (changed: Buffer) => {
      const attestationObject = changed.toString('base64url');
      return verifyRegistration(
        { ...credential, response: { ...credential.response, attestationObject } },
        EXPECTED,
      );
    };
    for (let end = 0; end < bytes.length; end += 1) {
      await expect(verify(bytes.subarray(0, end))).rejects.toThrow(PasskeyError);
    }
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(bytes.readUInt8(index) ^ 0x80, index);
      // A changed key is another passkey; anything else is refused, and never breaks the service.
      const outcome = await verify(changed).catch((error) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(PasskeyError);
      else expect(outcome.id).toBe(authenticator.id);
    }
  });
});

const read = (clientData: Record<string, unknown>) =>
  readChallenge(authenticator.get({ ...CEREMONY, clientData }).response.clientDataJSON, {
    type: 'webauthn.get',
    origin: CEREMONY.origin,
  });

describe('the client data is refused', () => {
  test.each([
    ['of a registration [T-PASSKEY-05]', { type: 'webauthn.create' }],
    ['of a payment', { type: 'payment.get' }],
    ['of another app’s page [T-PASSKEY-01]', { origin: 'http://lorem.app.example.localhost:4002' }],
    ['of a page of another scheme', { origin: 'https://foo.app.example.localhost:4001' }],
    ['of an origin that only begins like it', { origin: `${CEREMONY.origin}0` }],
    ['without an origin', { origin: undefined }],
    ['of a page in a frame [T-PASSKEY-04]', { crossOrigin: true }],
    ['of a page in a frame, named [T-PASSKEY-04]', { crossOrigin: true, topOrigin: CEREMONY.origin }],
    ['that names a top origin, but no frame [T-PASSKEY-04]', { topOrigin: CEREMONY.origin }],
    ['whose crossOrigin isn’t a boolean', { crossOrigin: 0 }],
    ['whose challenge isn’t a string', { challenge: 7 }],
  ])('%s', (_title, clientData) => {
    expect(() => read(clientData)).toThrow(PasskeyError);
  });

  test.each(['', '!', 'bnVsbA', 'W10', '_w', 'e30'])('that is %j', (clientDataJSON) => {
    const expected = { type: 'webauthn.get', origin: CEREMONY.origin } as const;
    expect(() => readChallenge(clientDataJSON, expected)).toThrow(PasskeyError);
  });
});

test('client data without a frame and with unknown members is read', () => {
  expect(read({})).toBe(CEREMONY.challenge);
  expect(read({ crossOrigin: undefined, futureMember: {} })).toBe(CEREMONY.challenge);
});
