/** The page's messages for failures. */
import type { ProblemCode } from '@samesite-sso/protocol';
import { COOKIES_BLOCKED, type FormFailure, formatDuration, HOW_TO_ALLOW_COOKIES } from '@samesite-sso/ui';
import type { FailedReply } from './send-account-request.ts';

const OUTDATED = 'This page is out of date. Reload it.';

/** For problems whose title is meant for developers. */
const PROBLEM_MESSAGES: Partial<Record<ProblemCode, string>> = {
  'invalid-request': OUTDATED,
  'not-found': OUTDATED,
  'method-not-allowed': OUTDATED,
  'unsupported-media-type': OUTDATED,
  'too-large': 'What you entered is too long.',
};

/** Also shown if a sign-in succeeds without a session: the browser dropped the cookie. */
export const COOKIES_BLOCKED_FAILURE: FormFailure = {
  message: `${COOKIES_BLOCKED} ${HOW_TO_ALLOW_COOKIES}`,
  retryAtMs: null,
  isUnanswered: false,
};

export function failureOf(reply: FailedReply, nowMs: number = Date.now()): FormFailure {
  if (reply.status === 'unanswered') {
    return { message: 'The SSO service isn’t responding.', retryAtMs: null, isUnanswered: true };
  }
  const { code, title, detail, retryAfterSeconds } = reply.problem;
  // Too many attempts impose a wait. An overloaded service doesn't.
  if (code === 'too-many-attempts' && retryAfterSeconds !== undefined) {
    const message = `Too many failed attempts. Try again in ${formatDuration(retryAfterSeconds)}.`;
    return { message, retryAtMs: nowMs + retryAfterSeconds * 1000, isUnanswered: false };
  }
  return { message: detail ?? PROBLEM_MESSAGES[code] ?? title, retryAtMs: null, isUnanswered: false };
}
