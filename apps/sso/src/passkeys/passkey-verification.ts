/**
 * Verifies the two WebAuthn ceremonies (Web Authentication Level 3, sections 7.1 and 7.2). This is the only
 * file that uses `@simplewebauthn/server`. It also makes the checks that the library leaves out: of frames,
 * of the attestation's format, and of a new passkey's id and key. The caller compares the counter: the
 * library would do it before it verifies the signature, so that anybody could make a passkey look copied.
 */
import type { AuthenticationCredential } from '@samesite-sso/protocol';
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import {
  decodeAttestationObject,
  decodeClientDataJSON,
  decodeCredentialPublicKey,
  isoBase64URL,
} from '@simplewebauthn/server/helpers';
import type { Passkey } from '../storage/stores.ts';
import { PasskeyError } from './passkey-error.ts';
import type { RegistrationCredential } from './registration-credential.ts';
import { EDDSA, ES256, RS256, requireUsableKey } from './require-usable-key.ts';

/** The preferred one first. ML-DSA wouldn't fit into 4 KiB. */
export const ALGORITHMS: number[] = [EDDSA, ES256, RS256];

const MAX_CREDENTIAL_ID_BYTES = 1023;

/** What the library's texts tell us. They may quote the client, so no text of its own gets into a record. */
const LIBRARY_REASONS: readonly (readonly [RegExp, string])[] = [
  [/user could not be verified$/, 'the user was not verified'],
  [/^User not present|user was not present$/, 'the user was not present'],
  [/^Unexpected RP ID hash$/, 'another RP ID'],
  [/backed up/, 'the flags contradict each other'],
];

/** What both ceremonies are checked against. */
interface ExpectedCeremony {
  challenge: string;
  /** The `Origin` of the request. */
  origin: string;
  rpId: string;
}

/**
 * Reads what the browser says about the page, which the authenticator signs.
 *
 * @returns the challenge
 * @throws {PasskeyError} unless a page of exactly this origin, in no frame, ran this ceremony
 */
export function readChallenge(
  clientDataJSON: string,
  { type, origin }: { type: 'webauthn.get' | 'webauthn.create'; origin: string },
): string {
  const clientData = decodeClientData(clientDataJSON);
  if (clientData['type'] !== type) throw new PasskeyError('the client data is for the other ceremony');
  // Being the origin of some registered app isn't enough: that app's page could relay what it was given.
  if (clientData['origin'] !== origin) throw new PasskeyError("not the origin of the request's page");
  // The library accepts `crossOrigin` without `topOrigin`, and at a registration it looks at neither.
  const { crossOrigin = false, topOrigin } = clientData;
  if (crossOrigin !== false || topOrigin !== undefined)
    throw new PasskeyError('the client data is from an embedded page');
  const { challenge } = clientData;
  if (typeof challenge !== 'string') throw new PasskeyError('no challenge');
  return challenge;
}

function decodeClientData(clientDataJSON: string): Record<string, unknown> {
  try {
    return { ...decodeClientDataJSON(clientDataJSON) };
  } catch {
    throw new PasskeyError("the client data isn't JSON");
  }
}

/** @throws {PasskeyError} unless this passkey signed, and its person was verified */
export async function verifyAssertion(
  { id, rawId, type, response }: AuthenticationCredential,
  passkey: Pick<Passkey, 'id' | 'publicKey'>,
  { challenge, origin, rpId }: ExpectedCeremony,
): Promise<{ counter: number; isBackupEligible: boolean }> {
  const { clientDataJSON, authenticatorData, signature } = response;
  const { verified, authenticationInfo } = await withPasskeyErrors(() =>
    verifyAuthenticationResponse({
      response: {
        ...{ id, rawId, type, clientExtensionResults: {} },
        response: { clientDataJSON, authenticatorData, signature },
      },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      credential: { id: passkey.id, publicKey: new Uint8Array(passkey.publicKey), counter: 0 },
      requireUserVerification: true,
    }),
  );
  // A wrong signature throws nothing.
  if (!verified) throw new PasskeyError('the signature is wrong');
  const { newCounter, credentialDeviceType } = authenticationInfo;
  return { counter: newCounter, isBackupEligible: credentialDeviceType === 'multiDevice' };
}

/** @throws {PasskeyError} unless it is a new passkey whose person was verified */
export async function verifyRegistration(
  { id, rawId, type, response }: RegistrationCredential,
  { challenge, origin, rpId }: ExpectedCeremony,
): Promise<Pick<Passkey, 'id' | 'publicKey' | 'counter' | 'transports' | 'isBackupEligible'>> {
  const { clientDataJSON, attestationObject, transports = [] } = response;
  await withPasskeyErrors(async () => requireNoCertificates(attestationObject));
  const { verified, registrationInfo } = await withPasskeyErrors(() =>
    verifyRegistrationResponse({
      response: {
        ...{ id, rawId, type, clientExtensionResults: {} },
        response: { clientDataJSON, attestationObject },
      },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    }),
  );
  if (!verified) throw new PasskeyError('the self attestation is wrong');
  const { credential, credentialDeviceType } = registrationInfo;
  // The library takes the id from the authenticator's data, and ignores that of the response.
  if (credential.id !== id) throw new PasskeyError('the two credential ids differ');
  // It reads a byte string that ends too early, so the key may be a part of one.
  await withPasskeyErrors(async () => requireUsableKey(decodeCredentialPublicKey(credential.publicKey)));
  if (Buffer.from(id, 'base64url').length > MAX_CREDENTIAL_ID_BYTES)
    throw new PasskeyError('the credential id is too long');
  return {
    id,
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports,
    isBackupEligible: credentialDeviceType === 'multiDevice',
  };
}

/**
 * We ask for no attestation, so a browser sends none, or at most a self attestation. The library would
 * validate certificates, and request the revocation lists that they name from any host.
 */
function requireNoCertificates(attestationObject: string): void {
  const attestation = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject));
  const format = attestation.get('fmt');
  if (format === 'none') return;
  if (format === 'packed' && !attestation.get('attStmt').get('x5c')) return;
  throw new PasskeyError('an attestation with certificates');
}

/** The library throws errors of many classes, and of the runtime, at what it can't read. */
async function withPasskeyErrors<Result>(verify: () => Promise<Result>): Promise<Result> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof PasskeyError) throw error;
    const text = error instanceof Error ? error.message : '';
    const [, reason] = LIBRARY_REASONS.find(([pattern]) => pattern.test(text)) ?? [];
    throw new PasskeyError(reason ?? 'malformed');
  }
}
