/** The page's messages for failures. */
import type { ProblemCode } from '@samesite-sso/protocol';
import {
  COOKIES_BLOCKED,
  type FormFailure,
  formatDuration,
  HOW_TO_ALLOW_COOKIES,
  toFormFailure,
} from '@samesite-sso/ui';
import type { FailedReply } from './send-account-request.ts';

const OUTDATED = 'This page is out of date. Reload it.';

/** In place of a title that is meant for developers, or says too little here. */
const PROBLEM_MESSAGES: Partial<Record<ProblemCode, string>> = {
  'invalid-request': OUTDATED,
  'not-found': OUTDATED,
  'method-not-allowed': OUTDATED,
  'unsupported-media-type': OUTDATED,
  'too-large': 'What you entered is too long.',
  'invalid-code': 'The code is wrong or has already been used. Enter another one.',
  'reauthentication-required': 'Nothing has changed, because the change wasn’t confirmed.',
};

/** Also shown if a sign-in succeeds without a session: the browser dropped the cookie. */
export const COOKIES_BLOCKED_FAILURE = toFormFailure(`${COOKIES_BLOCKED} ${HOW_TO_ALLOW_COOKIES}`);

interface FailureOptions {
  /** What to add if no response came, since the request may have arrived all the same. */
  ifUnanswered?: string;
  nowMs?: number;
}

export function failureOf(
  reply: FailedReply,
  { ifUnanswered = '', nowMs = Date.now() }: FailureOptions = {},
): FormFailure {
  if (reply.status === 'unanswered') {
    const message = `The SSO service isn’t responding. ${ifUnanswered}`.trim();
    return { ...toFormFailure(message), isUnanswered: true };
  }
  const { code, title, detail, retryAfterSeconds } = reply.problem;
  // Too many attempts impose a wait. An overloaded service doesn't.
  if (code === 'too-many-attempts' && retryAfterSeconds !== undefined) {
    const message = `Too many failed attempts. Try again in ${formatDuration(retryAfterSeconds)}.`;
    return { ...toFormFailure(message), retryAtMs: nowMs + retryAfterSeconds * 1000 };
  }
  const failure = toFormFailure(detail ?? PROBLEM_MESSAGES[code] ?? title);
  if (code === 'second-factor-required') return { ...failure, code: 'required' };
  if (code === 'invalid-code') return { ...failure, code: 'wrong' };
  return failure;
}
