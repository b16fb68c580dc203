/** What the form shows after a sign-in with a password that failed. */
import type { Outcome } from '@samesite-sso/browser';
import type { FormFailure } from '@samesite-sso/ui';
import { ANOTHER_SIGNED_IN, messageFor, PROBLEM_MESSAGES } from '../messages.ts';

export function signInFailure(outcome: Outcome): FormFailure | null {
  const failure = { retryAtMs: null, isUnanswered: false };
  switch (outcome.status) {
    case 'signed-in':
      return null;
    case 'confirmation-required':
      return { ...failure, message: `${ANOTHER_SIGNED_IN} Sign in again.` };
    case 'signed-out':
      return { ...failure, message: PROBLEM_MESSAGES['not-signed-in'] };
    case 'too-many-attempts': {
      const { retryAfterSeconds } = outcome;
      const retryAtMs = retryAfterSeconds ? Date.now() + 1000 * retryAfterSeconds : null;
      return { ...failure, message: messageFor(outcome), retryAtMs };
    }
    case 'app-unreachable':
    case 'sso-unreachable':
      return { ...failure, message: messageFor(outcome), isUnanswered: true };
    default:
      return { ...failure, message: messageFor(outcome) };
  }
}
