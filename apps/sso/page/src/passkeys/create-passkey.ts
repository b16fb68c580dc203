/** Has the browser create a passkey, and tells it which ones the account has. */
import type { PasskeyCreation } from '../../../src/account-page/passkey-schemas.ts';
import type { SignedInOverview } from '../../../src/account-page/schemas.ts';

/** Browsers before March 2025 lack this function, and insecure contexts have no `PublicKeyCredential`. */
export function canCreatePasskeys(): boolean {
  return typeof globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON === 'function';
}

/** @returns the new passkey in the form that the service takes, or why there is none */
export async function createPasskey({
  publicKey,
}: PasskeyCreation): Promise<{ credential: object } | string> {
  try {
    const options = PublicKeyCredential.parseCreationOptionsFromJSON(
      publicKey as PublicKeyCredentialCreationOptionsJSON,
    );
    const created = await navigator.credentials.create({ publicKey: options });
    const { id, rawId, type, response } = (
      created as PublicKeyCredential
    ).toJSON() as RegistrationResponseJSON;
    // The service needs no more. All of it could exceed the 4 KiB that it takes.
    const { clientDataJSON, attestationObject, transports } = response;
    return { credential: { id, rawId, type, response: { clientDataJSON, attestationObject, transports } } };
  } catch (error) {
    return MESSAGES[(error as Error).name] ?? 'This browser couldn’t create a passkey.';
  }
}

const MESSAGES: Readonly<Record<string, string>> = {
  // An authenticator with a passkey in `excludeCredentials` (WebAuthn Level 3, section 6.3.2).
  InvalidStateError: 'This device already has a passkey for your account.',
  NotAllowedError: 'No passkey was created. Try again.',
  ConstraintError: 'Set up a screen lock or a PIN on this device first, so that it can check that it’s you.',
};

/**
 * The browser may hide passkeys that the service doesn't accept any more (WebAuthn Level 3, section
 * 5.1.10.3). That needs no answer, and fails in browsers that can't.
 */
export function signalAccepted({ factors, passkeyUser }: SignedInOverview): void {
  if (passkeyUser === null) return;
  const { rpId, id: userId } = passkeyUser;
  const allAcceptedCredentialIds = factors.passkeys.map(({ id }) => id);
  globalThis.PublicKeyCredential?.signalAllAcceptedCredentials?.({
    rpId,
    userId,
    allAcceptedCredentialIds,
  }).catch(() => {});
}
