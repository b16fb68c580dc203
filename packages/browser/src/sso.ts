/** What `createSso` returns. Types only. */
import type { Account } from '@samesite-sso/protocol';
import type { Outcome } from './outcome.ts';

/** How a person who is signed in proves it again: by a passkey, or by a password and a code. */
export type StepUpProof =
  | { passkey: true }
  | {
      password: string;
      /** Of the authenticator app, or a recovery code. */
      code?: string;
    };

export interface Sso {
  /** Steps 1 to 4 (`confirm` mode: 1 and 2): signs in a person who has an app session or an SSO session. */
  signInSilently(): Promise<Outcome>;
  /** Steps 2 to 4: signs in with the SSO session, in mode `confirm` only if it belongs to this account. */
  confirm(account: Account): Promise<Outcome>;
  /**
   * Steps 5, 3 and 4.
   *
   * @param code of the authenticator app, or a recovery code, after the outcome `second-factor-required`
   */
  signInWithPassword(username: string, password: string, code?: string): Promise<Outcome>;
  /**
   * Steps 5, 3 and 4 with a passkey, for which the browser asks at once: call it in the handler of a click.
   * A passkey counts as two factors, so one that belongs to the account that this page shows also steps it
   * up.
   *
   * @param signal ends the browser's dialog, for a person who signs in with a password meanwhile
   */
  signInWithPasskey(signal?: AbortSignal): Promise<Outcome>;
  /**
   * Offers passkeys in the autofill of the username field, whose `autocomplete` must be `username webauthn`.
   * If the person picks one, steps 5, 3 and 4 follow.
   *
   * @param onOutcome called after each such sign-in
   * @returns a function that stops it: call it when the field is no longer shown
   */
  autofillPasskeys(onOutcome: (outcome: Outcome) => void): () => void;
  /**
   * Steps 5, 3 and 4 for the account that this page shows: its session goes on with a new sign-in, which is
   * recent and may have more factors, or fewer: a password alone is one. Other apps see it when they renew
   * their sessions. A failure leaves the app session as it is. A passkey of another account is refused. It
   * ends both accounts' sessions, and no app learns of the other account.
   */
  stepUp(proof: StepUpProof): Promise<Outcome>;
  /**
   * Ends the app session and the SSO session. Both requests are sent within the call, and the browser
   * completes them even if the page is closed at once.
   */
  signOut(): Promise<Outcome>;
  /**
   * Checks again who is signed in when the person returns to this tab, when they sign out in another tab of
   * this app, and after a server was unavailable. Renews the app session of a visible tab before it ends.
   *
   * @returns a function that stops it
   */
  watch(onOutcome: (outcome: Outcome) => void): () => void;
}
