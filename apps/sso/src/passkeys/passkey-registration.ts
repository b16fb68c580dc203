/**
 * Adds passkeys, at the account page only. The caller has checked that the person signed in recently, with
 * the strongest factor of the account.
 */
import { randomBytes } from 'node:crypto';
import { HttpProblem } from '@samesite-sso/core';
import { MAX_PASSKEYS_PER_ACCOUNT } from '../storage/passkey-store.ts';
import type { OwnSession, PasskeyRefusal, PasskeyStore, SsoSession } from '../storage/stores.ts';
import { toProblem } from './passkey-authentication.ts';
import { CHALLENGE_SECONDS, type Challenges } from './passkey-challenge.ts';
import { PasskeyError } from './passkey-error.ts';
import { ALGORITHMS, readChallenge, verifyRegistration } from './passkey-verification.ts';
import type { RegistrationCredential } from './registration-credential.ts';

/**
 * The maximum (WebAuthn Level 3, section 5.4.3). Random, since a user handle must say nothing about the
 * person (section 14.6.1).
 */
const USER_HANDLE_BYTES = 64;

interface Dependencies {
  passkeys: PasskeyStore;
  challenges: Challenges;
  clock: () => number;
  rpId: string;
  /** The SSO service's own, where the account page is. */
  origin: string;
}

export class PasskeyRegistration {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * @returns `PublicKeyCredentialCreationOptionsJSON` of WebAuthn Level 3
   * @throws {HttpProblem} `invalid-passkey` if the account can't have more passkeys
   */
  async createOptions({ account, sid }: SsoSession) {
    const { passkeys, challenges, rpId, origin } = this.#dependencies;
    const { id, username, displayName } = account;
    const added = await passkeys.of(id);
    // Before the authenticator creates another one that would be refused.
    if (added.length >= MAX_PASSKEYS_PER_ACCOUNT) throw tooManyPasskeys();
    const userHandle = await passkeys.findOrCreateUserHandle(id, randomBytes(USER_HANDLE_BYTES));
    return {
      challenge: challenges.create({ purpose: 'registration', origin, sid }),
      rp: { id: rpId, name: rpId },
      user: { id: userHandle.toString('base64url'), name: username, displayName },
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key' as const, alg })),
      timeout: CHALLENGE_SECONDS * 1000,
      // An authenticator has one passkey per account: a second one would replace the first.
      excludeCredentials: added.map(({ id: credentialId, transports }) => ({
        type: 'public-key' as const,
        id: credentialId,
        transports,
      })),
      authenticatorSelection: {
        residentKey: 'required' as const,
        requireResidentKey: true,
        userVerification: 'required' as const,
      },
      attestation: 'none' as const,
    };
  }

  /** @throws {HttpProblem} `invalid-passkey` or `reauthentication-required` */
  async add(
    own: OwnSession,
    { name, credential }: { name: string; credential: RegistrationCredential },
    address: string,
  ): Promise<{ id: string; name: string }> {
    const { passkeys, challenges, clock, rpId, origin } = this.#dependencies;
    try {
      const { clientDataJSON } = credential.response;
      const challenge = readChallenge(clientDataJSON, { type: 'webauthn.create', origin });
      const spent = challenges.check(challenge, { purpose: 'registration', origin, sid: own.sid });
      const verified = await verifyRegistration(credential, { challenge, origin, rpId });
      const at = clock();
      const refusal = await passkeys.add(own, { ...verified, rpId, name, createdAt: at }, spent, {
        at,
        actor: 'person',
        address,
      });
      if (refusal === 'too many') throw tooManyPasskeys();
      if (refusal !== null) throw new PasskeyError(REFUSALS[refusal]);
      return { id: verified.id, name };
    } catch (error) {
      throw error instanceof PasskeyError ? toProblem(error.message) : error;
    }
  }
}

const REFUSALS: Readonly<Record<Exclude<PasskeyRefusal, 'too many'>, string>> = {
  'challenge spent': 'the challenge has been used',
  'already exists': 'an account has it already',
};

function tooManyPasskeys(): HttpProblem {
  return new HttpProblem('invalid-passkey', {
    detail: `The account has ${MAX_PASSKEYS_PER_ACCOUNT} passkeys, as many as it can have. Remove one first.`,
  });
}
