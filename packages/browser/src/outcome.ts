/** How the flow can end, and what it tells of each step on the way. Types only. */
import type { Account, ProblemCode } from '@samesite-sso/protocol';

export type Step = 1 | 2 | 3 | 4 | 5;

export type Outcome =
  /** An app session lives. */
  | { status: 'signed in'; account: Account }
  /** In mode `confirm`: this account is signed in at the SSO service. Ask the person, then call `confirm`. */
  | { status: 'confirmation wanted'; account: Account }
  /** Nobody is signed in: ask the person, then call `logIn`. */
  | { status: 'password wanted' }
  /** A server said no. At step 5 that is the person's to mend, elsewhere it is not. */
  | { status: 'refused'; step: Step | 'sign out'; code: ProblemCode; retryAfterSeconds?: number }
  /** No answer within 5 s, an answer that makes no sense, or an SSO service that does not know this app. */
  | { status: 'SSO service unreachable' }
  | { status: 'app unreachable' }
  /**
   * Signed out of this app. The SSO service hasn't confirmed within 1 s; the app's server keeps telling it.
   */
  | { status: 'sign-out pending' }
  /** The browser keeps no cookies for this page, so nobody can sign in. Only the person can change that. */
  | { status: 'cookies blocked' };

/** One step, each time something becomes known of it. Safe to show: secrets are masked already. */
export interface StepReport {
  step: Step;
  state: 'pending' | 'done' | 'refused' | 'unanswered' | 'skipped';
  /** In a few words, for the person who watches. */
  why: string;
  /** What was sent; absent when the step was skipped. */
  request?: { method: 'GET' | 'POST'; origin: string; path: string; body?: string };
  /** HTTP status, once there is an answer. */
  status?: number;
  /** From sending to the answer's last byte. */
  milliseconds?: number;
}
