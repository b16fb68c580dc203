/** Verifies the code of a sign-in with a password. `SessionStore.start` consumes it. */
import type { Authenticator, FactorStore, SignInProof } from '../../storage/stores.ts';
import type { AuthenticatorSecrets } from './authenticator-secrets.ts';
import { hashRecoveryCode, withoutSeparators } from './recovery-codes.ts';
import { CODE_DIGITS, findTimeStep } from './totp.ts';

/** What a code proves. A sign-in needs a password, too. */
export type CodeProof =
  | Omit<Extract<SignInProof, { kind: 'authenticator' }>, 'passwordVersion'>
  | Omit<Extract<SignInProof, { kind: 'recovery code' }>, 'passwordVersion'>;

const AUTHENTICATOR_CODE = new RegExp(`^[0-9]{${CODE_DIGITS}}$`);

export class CodeCheck {
  readonly #store: FactorStore;
  readonly #secrets: AuthenticatorSecrets;
  readonly #clock: () => number;

  constructor(store: FactorStore, secrets: AuthenticatorSecrets, clock: () => number) {
    this.#store = store;
    this.#secrets = secrets;
    this.#clock = clock;
  }

  /** @returns the account's authenticator app; null if its sign-ins need no code */
  async findAuthenticator(accountId: string): Promise<Authenticator | null> {
    return await this.#store.findAuthenticator(accountId);
  }

  /**
   * Changes nothing: a code that is right is used up when the session starts.
   *
   * @param text a code of the authenticator app, or a recovery code
   * @returns what it proves, or why it is refused, for the audit trail
   */
  async verify(
    accountId: string,
    { sealedSecret, lastStep }: Authenticator,
    text: string,
  ): Promise<CodeProof | string> {
    const code = withoutSeparators(text);
    if (AUTHENTICATOR_CODE.test(code)) {
      const secret = await this.#secrets.open({ accountId, sealedSecret });
      const step = findTimeStep(secret, code, this.#clock());
      if (step === null) return 'a wrong code';
      return step > lastStep ? { kind: 'authenticator', step, sealedSecret } : 'a code that was used before';
    }
    const hash = hashRecoveryCode(code);
    if (hash === null) return 'a wrong code';
    const isUnused = await this.#store.hasRecoveryCode(accountId, hash);
    return isUnused ? { kind: 'recovery code', hash } : 'a recovery code that is wrong or was used before';
  }
}
