/** The response of an authenticator to the creation of a passkey, as far as the service needs it. */
import { AuthenticationCredential, base64Url } from '@samesite-sso/protocol';
import * as v from 'valibot';

const { id, rawId, type, response } = AuthenticationCredential.entries;

/** `RegistrationResponseJSON` of WebAuthn Level 3. Members that the service doesn't need are ignored. */
export const RegistrationCredential = v.object({
  id,
  rawId,
  type,
  response: v.object({
    clientDataJSON: response.entries.clientDataJSON,
    attestationObject: v.pipe(base64Url(4096), v.nonEmpty()),
    /** Browsers may add values that aren't in the standard yet. */
    transports: v.exactOptional(
      v.pipe(v.array(v.pipe(v.string(), v.regex(/^[a-z-]{1,32}$/))), v.maxLength(16)),
    ),
  }),
});
export type RegistrationCredential = v.InferOutput<typeof RegistrationCredential>;
