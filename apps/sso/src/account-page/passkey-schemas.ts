/** The requests and responses of the account page that are about passkeys. */
import { AuthenticationCredential, boundedString, PasskeyChallengeResponse } from '@samesite-sso/protocol';
import * as v from 'valibot';
import { validateDisplayName } from '../accounts/display-name.ts';
import { RegistrationCredential } from '../passkeys/registration-credential.ts';

const publicKeyType = v.literal('public-key');

export const PasskeyOptionsRequest = v.strictObject({
  /** To add a passkey, or to sign in with one on this page. */
  purpose: v.picklist(['registration', 'authentication']),
});
export type PasskeyOptionsRequest = v.InferOutput<typeof PasskeyOptionsRequest>;

/** For `navigator.credentials.create` (WebAuthn Level 3, `PublicKeyCredentialCreationOptionsJSON`). */
const CreationOptions = v.strictObject({
  challenge: v.string(),
  rp: v.strictObject({ id: v.string(), name: v.string() }),
  user: v.strictObject({ id: v.string(), name: v.string(), displayName: v.string() }),
  pubKeyCredParams: v.array(v.strictObject({ type: publicKeyType, alg: v.number() })),
  timeout: v.number(),
  excludeCredentials: v.array(
    v.strictObject({ type: publicKeyType, id: v.string(), transports: v.array(v.string()) }),
  ),
  authenticatorSelection: v.strictObject({
    residentKey: v.literal('required'),
    requireResidentKey: v.literal(true),
    userVerification: v.literal('required'),
  }),
  attestation: v.literal('none'),
});
export const PasskeyCreation = v.strictObject({ publicKey: CreationOptions });
export type PasskeyCreation = v.InferOutput<typeof PasskeyCreation>;

export const PasskeyOptions = v.union([PasskeyCreation, PasskeyChallengeResponse]);

const MAX_PASSKEY_NAME_LENGTH = 64;

export const PasskeyRegistrationRequest = v.strictObject({
  name: v.pipe(
    boundedString(1, MAX_PASSKEY_NAME_LENGTH),
    v.check((text) => validateDisplayName(text) === null),
  ),
  credential: RegistrationCredential,
});
export type PasskeyRegistrationRequest = v.InferOutput<typeof PasskeyRegistrationRequest>;

export const NewPasskey = v.strictObject({ id: v.string(), name: v.string() });
export type NewPasskey = v.InferOutput<typeof NewPasskey>;

export const NamedPasskey = v.object({ id: AuthenticationCredential.entries.id });
export type NamedPasskey = v.InferOutput<typeof NamedPasskey>;
