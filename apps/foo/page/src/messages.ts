/**
 * The page's messages for failures: one for each problem code of the contract, and one for each server that
 * doesn't respond. A countdown runs beside a message, never in it.
 */
import type { Outcome } from '@samesite-sso/browser';
import type { SsoFailure } from '@samesite-sso/react';
import {
  COOKIES_BLOCKED,
  type FormFailure,
  formatDuration,
  HOW_TO_ALLOW_COOKIES,
  toFormFailure,
} from '@samesite-sso/ui';

type ProblemCode = Extract<Outcome, { status: 'refused' }>['code'];

const OUTDATED = 'This page is out of date. Reload it.';

export const PROBLEM_MESSAGES: Record<ProblemCode, string> = {
  'invalid-request': OUTDATED,
  'not-signed-in': 'You aren’t signed in. Enter your username and password.',
  'invalid-credentials': 'The username or the password is wrong.',
  'second-factor-required': 'Enter the code from your authenticator app.',
  'invalid-passkey': 'That passkey wasn’t accepted. Try another one, or sign in with your password.',
  'invalid-code': 'The code is wrong or has already been used. Enter another one.',
  'reauthentication-required': 'Confirm that it’s you.',
  'wrong-password': 'The old password is wrong.',
  'unfit-password': 'The new password isn’t acceptable.',
  'insufficient-user-authentication': 'This needs a stronger or a more recent sign-in.',
  'step-up-required': 'This app requires a second factor: a passkey, or a code.',
  'not-permitted': 'You don’t have access to this app.',
  'invalid-invitation': 'The invitation no longer works. Ask for a new one.',
  'invalid-token': 'This app didn’t accept the sign-in. Try again.',
  'origin-not-allowed': 'The server doesn’t accept requests from this page.',
  'not-found': OUTDATED,
  'method-not-allowed': OUTDATED,
  'too-large': 'The username or the password is too long.',
  'unsupported-media-type': OUTDATED,
  'too-many-attempts': 'Too many failed attempts.',
  'internal-error': 'Something went wrong on the server. Try again in a moment.',
  overloaded: 'Too many people are signing in right now. Try again in a moment.',
  'sso-unavailable': 'The SSO service isn’t responding. Try again in a moment.',
  unavailable: 'The service can’t access its data right now. Try again in a moment.',
};

/** Another account signed in between steps 5 and 4. */
export const ANOTHER_SIGNED_IN = 'Another person has signed in on this browser in the meantime.';

export function messageFor(outcome: SsoFailure['outcome']): string {
  switch (outcome.status) {
    case 'invalid-credentials':
    case 'second-factor-required':
    case 'invalid-code':
    case 'invalid-passkey':
      return PROBLEM_MESSAGES[outcome.status];
    case 'too-many-attempts': {
      const message = PROBLEM_MESSAGES[outcome.status];
      const { retryAfterSeconds } = outcome;
      return retryAfterSeconds ? `${message} Try again in ${formatDuration(retryAfterSeconds)}.` : message;
    }
    case 'passkey-canceled':
      return 'No passkey was used. Try again, or sign in with your password.';
    case 'passkey-unavailable':
      return 'This browser can’t use passkeys here. Sign in with your password.';
    case 'sso-unreachable':
      return 'The SSO service isn’t responding, or it doesn’t know this app.';
    case 'app-unreachable':
      return 'This app isn’t responding.';
    case 'sign-out-pending':
      return (
        'You are signed out here. The SSO service hasn’t confirmed it yet, so you may still be signed in ' +
        'to other apps. This app keeps trying, even if you close this page.'
      );
    case 'cookies-blocked':
      return `${COOKIES_BLOCKED} ${HOW_TO_ALLOW_COOKIES}`;
    case 'refused': {
      // A proxy may send a code of its own.
      const code = Object.hasOwn(PROBLEM_MESSAGES, outcome.code) ? outcome.code : 'internal-error';
      return PROBLEM_MESSAGES[code];
    }
  }
}

/** What the form shows after a sign-in. */
export function signInFailure(outcome: Outcome): FormFailure | null {
  switch (outcome.status) {
    case 'signed-in':
    // The page shows another panel then.
    case 'step-up-required':
    case 'not-permitted':
    case 'another-account':
      return null;
    case 'confirmation-required':
      return toFormFailure(`${ANOTHER_SIGNED_IN} Sign in again.`);
    case 'signed-out':
      return toFormFailure(PROBLEM_MESSAGES['not-signed-in']);
    case 'too-many-attempts': {
      const { retryAfterSeconds } = outcome;
      const retryAtMs = retryAfterSeconds ? Date.now() + 1000 * retryAfterSeconds : null;
      return { ...toFormFailure(messageFor(outcome)), retryAtMs };
    }
    case 'second-factor-required':
      return { ...toFormFailure(messageFor(outcome)), code: 'required' };
    case 'invalid-code':
      return { ...toFormFailure(messageFor(outcome)), code: 'wrong' };
    case 'app-unreachable':
    case 'sso-unreachable':
      return { ...toFormFailure(messageFor(outcome)), isUnanswered: true };
    default:
      return toFormFailure(messageFor(outcome));
  }
}

/** What the form shows after a person who is signed in has signed in again. */
export function stepUpFailure(outcome: Outcome): FormFailure | null {
  switch (outcome.status) {
    // The code of an account without an authenticator app isn't checked.
    case 'step-up-required':
      return toFormFailure(PROBLEM_MESSAGES['step-up-required']);
    // A password alone would be too little, so these don't advise it.
    case 'passkey-canceled':
      return toFormFailure('No passkey was used. You are still signed in.');
    case 'passkey-unavailable':
      return toFormFailure('This browser can’t use passkeys here.');
    case 'invalid-passkey':
      return toFormFailure('That passkey wasn’t accepted. You are still signed in.');
    default:
      return signInFailure(outcome);
  }
}
