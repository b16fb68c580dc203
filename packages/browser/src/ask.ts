/**
 * One request of the flow: sent with cookies, bounded in time, its answer or its refusal understood.
 * It knows nothing of the order of the steps; that is `sign-in.ts`.
 */
import type { Problem } from '@samesite-sso/protocol';
import { areCookiesBlocked } from './cookies.ts';
import type { Outcome, Step, StepReport } from './outcome.ts';

/** Keeps a page from waiting forever. */
const REQUEST_TIMEOUT_MS = 5000;

/** Thrown where the flow cannot go on: carries the outcome to the one place that returns it. */
export class FlowError {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    this.outcome = outcome;
  }
}

/** Whether the flow stopped because a server said no, and so. */
export function isRefused(stop: unknown, code: string): boolean {
  return stop instanceof FlowError && stop.outcome.status === 'refused' && stop.outcome.code === code;
}

/** Whether a server was unreachable or failed, which may be temporary. */
export function isServerUnavailable(outcome: Outcome): boolean {
  if (outcome.status === 'refused')
    return outcome.code === 'unavailable' || outcome.code === 'internal-error';
  return outcome.status === 'SSO service unreachable' || outcome.status === 'app unreachable';
}

export interface Question {
  step: Step | 'sign out';
  method: 'GET' | 'POST' | 'DELETE';
  origin: string;
  path: string;
  body?: Record<string, string>;
  /** Whether the browser completes the request even if the page is left or closed (Fetch standard). */
  keepalive?: boolean;
  /** Whose server this is, in the outcome's words. */
  silence: 'SSO service unreachable' | 'app unreachable';
  /** Called with the headers of a successful response. */
  onHeaders?: (headers: Headers) => void;
}

/**
 * @param why the answer in a few words; nothing, or an error, if the answer makes no sense
 * @returns the body of a successful answer
 * @throws {FlowError} when there is no answer that makes sense, or it is a refusal
 */
export async function ask<Answer>(
  question: Question,
  report: (report: StepReport) => void,
  why: (answer: Answer) => string | undefined | false,
): Promise<Answer> {
  const { step, method, origin, path, body, keepalive = false } = question;
  // Without cookies every response says "signed out", and a password would be sent for nothing.
  if (areCookiesBlocked()) throw new FlowError({ status: 'cookies blocked' });
  const started = performance.now();
  const tell = (state: StepReport['state'], why: string, status?: number) => {
    if (step === 'sign out' || method === 'DELETE') return;
    const request = { method, origin, path, ...(body && { body: JSON.stringify(body, mask) }) };
    const milliseconds = performance.now() - started;
    report({
      step,
      state,
      why,
      request,
      ...(state !== 'pending' && { milliseconds }),
      ...(status && { status }),
    });
  };
  tell('pending', 'waiting');

  let response: Response;
  let answer: Answer & Problem;
  let words: string | undefined | false;
  try {
    // No `cache` option: with 'no-store' Chromium bypasses its preflight cache too, and every request
    // would pay a preflight. The servers say no-store themselves.
    response = await fetch(origin + path, {
      method,
      credentials: 'include',
      redirect: 'error',
      keepalive,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    answer = await response.json();
    words = response.ok ? why(answer) : answer.code;
    if (!words) throw new Error();
    if (response.ok) question.onHeaders?.(response.headers);
  } catch {
    tell('unanswered', 'no answer');
    throw new FlowError({ status: question.silence });
  }
  if (response.ok) {
    tell('done', words, response.status);
    return answer;
  }
  const { code, retryAfterSeconds } = answer;
  tell('refused', code, response.status);
  throw new FlowError(
    code === 'sso-unavailable'
      ? { status: 'SSO service unreachable' }
      : { status: 'refused', step, code, ...(retryAfterSeconds && { retryAfterSeconds }) },
  );
}

/** What a watcher may see of a body: no password, and of a token only how it begins. */
function mask(key: string, value: string): string {
  if (key === 'password') return '••••••••';
  return key === 'token' ? `${value.slice(0, 12)}…` : value;
}
