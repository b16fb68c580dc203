/** What the page says when something does not work. */

import type { ProblemCode } from '@samesite-sso/protocol';
import { COOKIES_BLOCKED, durationInWords, type Failure, HOW_TO_ALLOW_COOKIES } from '@samesite-sso/ui';
import type { Unsuccessful } from './ask.ts';

const OUTDATED = 'This page is out of date. Reload it.';

/** Where the service's own words are meant for programmers. */
const REFUSAL_WORDS: Partial<Record<ProblemCode, string>> = {
  'invalid-request': OUTDATED,
  'not-found': OUTDATED,
  'method-not-allowed': OUTDATED,
  'unsupported-media-type': OUTDATED,
  'too-large': 'That is too long.',
};

export const SILENCE_WORDS = 'The SSO service does not answer.';

/** Also shown when a login succeeded and still nobody is signed in: the browser dropped the cookie. */
export const COOKIES_BLOCKED_FAILURE: Failure = {
  words: `${COOKIES_BLOCKED} ${HOW_TO_ALLOW_COOKIES}`,
  waitUntil: null,
  isSilence: false,
};

export function failureOf(reply: Unsuccessful, now: number = Date.now()): Failure {
  if (reply.status === 'unanswered') return { words: SILENCE_WORDS, waitUntil: null, isSilence: true };
  const { code, title, detail, retryAfterSeconds } = reply.problem;
  // Too many attempts impose a wait. After `overloaded` the person may try again at once.
  if (code === 'too-many-attempts' && retryAfterSeconds !== undefined) {
    const words = `Too many failed attempts. Try again in ${durationInWords(retryAfterSeconds)}.`;
    return { words, waitUntil: now + retryAfterSeconds * 1000, isSilence: false };
  }
  return { words: detail ?? REFUSAL_WORDS[code] ?? title, waitUntil: null, isSilence: false };
}
