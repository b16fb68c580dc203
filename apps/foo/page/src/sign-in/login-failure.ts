/** What the form says of a login that did not end signed in. */
import type { Outcome } from '@samesite-sso/browser';
import type { Failure } from '@samesite-sso/ui';
import { failureWords, REFUSAL_WORDS, SOMEBODY_ELSE } from '../messages.ts';

export function loginFailure(outcome: Outcome): Failure | null {
  switch (outcome.status) {
    case 'signed in':
      return null;
    case 'confirmation wanted':
      return { words: SOMEBODY_ELSE, waitUntil: null, isSilence: false };
    case 'password wanted':
      return { words: REFUSAL_WORDS['not-signed-in'], waitUntil: null, isSilence: false };
    case 'refused':
      return { words: failureWords(outcome), waitUntil: waitAfter(outcome), isSilence: false };
    case 'app unreachable':
    case 'SSO service unreachable':
      return { words: failureWords(outcome), waitUntil: null, isSilence: true };
    default:
      return { words: failureWords(outcome), waitUntil: null, isSilence: false };
  }
}

/** Too many attempts impose a wait. After `overloaded` the person may try again at once. */
function waitAfter({ code, retryAfterSeconds }: Extract<Outcome, { status: 'refused' }>): number | null {
  const hasToWait = code === 'too-many-attempts' && retryAfterSeconds !== undefined;
  return hasToWait ? Date.now() + retryAfterSeconds * 1000 : null;
}
