/**
 * What the page says when something does not work: a sentence for every code of the contract and for every
 * silence. Programs switch on the code; here it becomes words. A countdown runs beside them, never in them.
 */
import type { Outcome } from '@samesite-sso/browser';
import { COOKIES_BLOCKED, durationInWords, HOW_TO_ALLOW_COOKIES } from '@samesite-sso/ui';

export type Failure = Exclude<Outcome, { status: 'signed in' | 'confirmation wanted' | 'password wanted' }>;

type HttpProblem = Extract<Outcome, { status: 'refused' }>;

const OUTDATED = 'This page is out of date. Reload it.';

export const REFUSAL_WORDS: Record<HttpProblem['code'], string> = {
  'invalid-request': OUTDATED,
  'not-signed-in': 'Nobody is signed in. Enter your username and password.',
  'invalid-credentials': 'The username or the password is wrong.',
  'wrong-password': 'The old password is wrong.',
  'unfit-password': 'The new password cannot be used.',
  'invalid-token': 'This app did not accept the authentication token. Try again.',
  'origin-not-allowed': 'This page may not ask for that: its origin is not allowed.',
  'not-found': OUTDATED,
  'method-not-allowed': OUTDATED,
  'too-large': 'That is too long for a username or a password.',
  'unsupported-media-type': OUTDATED,
  'too-many-attempts': 'Too many failed attempts.',
  'internal-error': 'Something went wrong on the server. Try again in a moment.',
  overloaded: 'Too many people are signing in right now. Try again in a moment.',
  'sso-unavailable': 'The SSO service does not answer. Try again in a moment.',
  unavailable: 'The server cannot reach its data right now. Try again in a moment.',
};

/** Another login was quicker than this one: see step 4. */
export const SOMEBODY_ELSE = 'Somebody else has signed in on this site meanwhile. Sign in again.';

const SIGN_OUT_PENDING =
  'You are signed out here. The SSO service has not confirmed it yet, so you may still be signed in at ' +
  'other apps. This app keeps trying until it has, even if you close this page.';

export function failureWords(failure: Failure): string {
  switch (failure.status) {
    case 'SSO service unreachable':
      return 'The SSO service does not answer, or it does not know this app.';
    case 'app unreachable':
      return 'This app does not answer.';
    case 'sign-out pending':
      return SIGN_OUT_PENDING;
    case 'cookies blocked':
      return `${COOKIES_BLOCKED} ${HOW_TO_ALLOW_COOKIES}`;
    case 'refused':
      return refusalWords(failure);
  }
}

function refusalWords({ code, retryAfterSeconds }: HttpProblem): string {
  if (code === 'too-many-attempts' && retryAfterSeconds !== undefined) {
    return `${REFUSAL_WORDS[code]} Try again in ${durationInWords(retryAfterSeconds)}.`;
  }
  // A proxy in between may refuse in words of its own.
  return Object.hasOwn(REFUSAL_WORDS, code) ? REFUSAL_WORDS[code] : REFUSAL_WORDS['internal-error'];
}
