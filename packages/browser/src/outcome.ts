/** How a flow can end, and what it reports of each step. Types only. */

import type { Account, Factor, ProblemCode } from '@samesite-sso/protocol';
import type { PasskeyFailure } from './passkeys.ts';

export type Step = 1 | 2 | 3 | 4 | 5;

export type Outcome =
  /** The app has a session for this account. */
  | { status: 'signed-in'; account: Account }
  /** Nobody is signed in. Show the form, then call `signInWithPassword`. */
  | { status: 'signed-out' }
  /** In mode `confirm`: this account has an SSO session. Ask the person, then call `confirm`. */
  | { status: 'confirmation-required'; account: Account }
  /**
   * Step 3: this account has an SSO session, but the app requires two factors. Call `stepUp` with one of
   * `methods`, which are those that the account has. If there is none, the account page can add one.
   */
  | { status: 'step-up-required'; account: Account; methods: Factor[] }
  /** Step 3: this account has an SSO session, but isn't permitted to use the app. */
  | { status: 'not-permitted'; account: Account }
  /** Step 5: the username or the password is wrong. */
  | { status: 'invalid-credentials' }
  /** Step 5: the password is right, and the account has an authenticator app. Ask for a code. */
  | { status: 'second-factor-required' }
  /** Step 5: the code is wrong or has been used. */
  | { status: 'invalid-code' }
  /** Step 5: the passkey wasn't accepted. `unknown`: no account has it. */
  | { status: 'invalid-passkey'; unknown?: true }
  /** `stepUp`: the passkey belongs to another account, so both sessions have ended. Show the form. */
  | { status: 'another-account' }
  | PasskeyFailure
  /** Step 5: too many failed sign-ins. Even the right password doesn't help before the time is up. */
  | { status: 'too-many-attempts'; retryAfterSeconds?: number }
  /** A server refused the request with another problem code. */
  | { status: 'refused'; step: Step | 'sign-out'; code: ProblemCode; retryAfterSeconds?: number }
  /** No valid response from the SSO service within 5 s, or it doesn't list this app (a page can't tell). */
  | { status: 'sso-unreachable' }
  /** No valid response from the app's server within 5 s. */
  | { status: 'app-unreachable' }
  /** Signed out of this app, but the SSO service hasn't confirmed it. The app's server keeps trying. */
  | { status: 'sign-out-pending' }
  /** The browser keeps no cookies for this site, so nobody can sign in. Only the person can change that. */
  | { status: 'cookies-blocked' };

/** One step, each time its state changes. Safe to show: secrets are masked. */
export interface StepReport {
  step: Step;
  state: 'pending' | 'done' | 'refused' | 'unanswered' | 'skipped';
  /** What happened, in a few words, for the person who watches. */
  label: string;
  /** What was sent. A skipped step has a request only if it was sent at the same time as step 1. */
  request?: { method: string; origin: string; path: string; body?: string };
  /** When the request was sent, by `performance.now()`. */
  startedAtMs?: number;
  /** The HTTP status, once there is a response. */
  status?: number;
  /** From sending the request to the last byte of the response. */
  durationMs?: number;
}
