/**
 * Verifies a passkey's assertion for a sign-in at an app or at the account page. `SessionStore.start` spends
 * the challenge and raises the counter. Every refusal of a known passkey gets the same problem, unless it is
 * throttled; the log has the reason.
 */
import { HttpProblem } from '@samesite-sso/core';
import type { AuthenticationCredential, PasskeyChallengeResponse } from '@samesite-sso/protocol';
import type { LoginThrottle } from '../accounts/login-throttle.ts';
import type { RefusedSignIns } from '../accounts/refused-sign-ins.ts';
import type { Client } from '../sessions/client.ts';
import { REFUSAL_DETAILS, type SignInRefusal } from '../sessions/sign-in-refusals.ts';
import type { VerifiedSignIn } from '../sessions/sso-sessions.ts';
import type {
  AuditStore,
  FoundPasskey,
  PasskeyStore,
  SignInProof,
  SpentChallenge,
} from '../storage/stores.ts';
import { CHALLENGE_SECONDS, type ChallengeScope, type Challenges } from './passkey-challenge.ts';
import { PasskeyError } from './passkey-error.ts';
import { readChallenge, verifyAssertion } from './passkey-verification.ts';

export interface VerifiedPasskey extends VerifiedSignIn {
  proof: Extract<SignInProof, { kind: 'passkey' }>;
}

/** Where the person signs in: the origin is that of the request, which the caller has checked. */
export type SignInScope = ChallengeScope & {
  purpose: 'app authentication' | 'account authentication';
};

interface Dependencies {
  passkeys: PasskeyStore;
  challenges: Challenges;
  throttle: LoginThrottle;
  refusedSignIns: RefusedSignIns;
  audit: AuditStore;
  clock: () => number;
  rpId: string;
}

/** The signature is right, but the passkey may have been copied. */
class SuspiciousPasskeyError extends PasskeyError {}

export class PasskeyAuthentication {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** Without a list of credentials: it would tell whether an account has any. Writes nothing. */
  createOptions(scope: SignInScope): PasskeyChallengeResponse {
    const { challenges, rpId } = this.#dependencies;
    return {
      publicKey: {
        challenge: challenges.create(scope),
        rpId,
        timeout: CHALLENGE_SECONDS * 1000,
        userVerification: 'required',
        allowCredentials: [],
      },
    };
  }

  /**
   * @throws {HttpProblem} `invalid-passkey`; or `too-many-attempts` if too many sign-ins from this address
   *   have failed, with this passkey or in all
   */
  async verify(
    credential: AuthenticationCredential,
    scope: SignInScope,
    client: Client,
  ): Promise<VerifiedPasskey> {
    const { passkeys, throttle, refusedSignIns } = this.#dependencies;
    // The throttle counts by credential id, in place of the username, so that nobody can lock an account's
    // passkeys.
    const attempt = { usernameKey: `passkey ${credential.id}`, address: client.address };
    return await refusedSignIns.countRefusal(client.address, async () => {
      const { challenge, spent } = this.#readChallenge(credential, scope);
      await throttle.admit(attempt);
      const passkey = await passkeys.find(credential.id);
      const fail = async (detail: string, isUnknown = false): Promise<never> => {
        await throttle.countFailure(attempt, {
          accountId: passkey?.account.id ?? null,
          detail: `with a passkey: ${detail}`,
        });
        throw toProblem(detail, isUnknown);
      };
      if (passkey === null) return await fail('no account has it', isCanonical(credential.id));
      try {
        const counter = await this.#verify(credential, passkey, { challenge, ...scope });
        if (client.hasDisconnected()) throw new PasskeyError('the client disconnected before the response');
        const refuse = (reason: SignInRefusal) =>
          refusedSignIns.countRefusal(client.address, async () => {
            if (reason === 'counter not higher') {
              await this.#record(`its counter, ${counter}, isn't above the last one`, passkey, client);
            }
            return await fail(REFUSAL_DETAILS[reason]);
          });
        const proof = { kind: 'passkey', credentialId: passkey.id, counter, challenge: spent } as const;
        return { account: passkey.account, proof, refuse };
      } catch (error) {
        if (error instanceof SuspiciousPasskeyError) await this.#record(error.message, passkey, client);
        if (error instanceof PasskeyError) return await fail(error.message);
        throw error;
      }
    });
  }

  #readChallenge(
    { response }: AuthenticationCredential,
    scope: SignInScope,
  ): { challenge: string; spent: SpentChallenge } {
    try {
      const challenge = readChallenge(response.clientDataJSON, { type: 'webauthn.get', ...scope });
      return { challenge, spent: this.#dependencies.challenges.check(challenge, scope) };
    } catch (error) {
      // Not counted as a failure: a page that was open for hours has an expired challenge, and without a
      // valid one nothing was tried.
      throw error instanceof PasskeyError ? toProblem(error.message) : error;
    }
  }

  /** @returns the authenticator's counter */
  async #verify(
    credential: AuthenticationCredential,
    passkey: FoundPasskey,
    { challenge, origin }: { challenge: string; origin: string },
  ): Promise<number> {
    const { rpId } = this.#dependencies;
    // Without a list of credentials, an authenticator has to say whose it is (section 7.2, step 6).
    const handle = Buffer.from(credential.response.userHandle ?? '', 'base64url');
    if (!handle.equals(passkey.userHandle)) throw new PasskeyError('not the user handle of its account');
    const verified = await verifyAssertion(credential, passkey, { challenge, origin, rpId });
    if (passkey.isDisabled) throw new PasskeyError('the account is disabled');
    // Section 6.1.3: it never changes. Somebody else's authenticator may have a copy of the key.
    if (verified.isBackupEligible !== passkey.isBackupEligible) {
      throw new SuspiciousPasskeyError('its backup eligibility has changed');
    }
    // `SessionStore.start` compares it, after the challenge: a replay doesn't make a passkey look copied.
    return verified.counter;
  }

  /** Tells operators of a passkey that may have been copied. Its signature was right. */
  async #record(reason: string, { account, name }: FoundPasskey, { address }: Client): Promise<void> {
    const { audit, clock } = this.#dependencies;
    const event = { kind: 'passkey refused', accountId: account.id, detail: `${name}: ${reason}` } as const;
    await audit.add(event, { at: clock(), actor: 'person', address });
  }
}

/** Of several texts that decode to the same id, one is canonical (RFC 4648, section 3.5). */
function isCanonical(id: string): boolean {
  return Buffer.from(id, 'base64url').toString('base64url') === id;
}

/** @param isUnknown whether no account has the passkey, so that the browser may forget it */
export function toProblem(logReason: string, isUnknown = false): HttpProblem {
  return new HttpProblem('invalid-passkey', { logReason, ...(isUnknown && { members: { unknown: true } }) });
}
