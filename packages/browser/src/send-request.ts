/**
 * Sends one request of the flow, with cookies and a timeout, validates the response, and reports to `onStep`.
 * `requests.ts` lists the requests; `sign-in.ts` puts them in order.
 */
import type { Account, PasskeyChallengeResponse, Problem } from '@samesite-sso/protocol';
import { areCookiesBlocked } from './cookies.ts';
import type { Outcome, Step, StepReport } from './outcome.ts';

/** Keeps a page from waiting forever. */
const REQUEST_TIMEOUT_MS = 5000;

/** Longer members of a request are reported by their beginning. */
const MAX_REPORTED_LENGTH = 40;

/** Stops a flow. `flows.ts` catches it and returns its outcome. */
export class FlowError extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super(outcome.status);
    this.outcome = outcome;
  }
}

/** Whether a server was unreachable or failed, which may be temporary. */
export function isServerUnavailable(outcome: Outcome): boolean {
  if (outcome.status === 'refused')
    return outcome.code === 'unavailable' || outcome.code === 'internal-error';
  return outcome.status === 'sso-unreachable' || outcome.status === 'app-unreachable';
}

/** Whether the app refused the token, as it does once the token's SSO session has ended. */
export function isTokenRefused(outcome: Outcome): boolean {
  return outcome.status === 'refused' && outcome.code === 'invalid-token';
}

/** The outcomes in which step 5 refuses what the person entered. */
const LOGIN_REFUSALS: readonly string[] = [
  'invalid-credentials',
  'invalid-code',
  'invalid-passkey',
  'second-factor-required',
  'too-many-attempts',
];

/** Whether step 5 was refused. That changes no session: a person who was to step up is still signed in. */
export function isLoginRefused(outcome: Outcome): boolean {
  return outcome.status === 'refused' ? outcome.step === 5 : LOGIN_REFUSALS.includes(outcome.status);
}

/** A response body that hasn't been validated. */
interface UnknownBody {
  status?: unknown;
  account?: { [Member in keyof Account]?: unknown } | null;
  token?: unknown;
  expiresIn?: unknown;
  publicKey?: { [Member in keyof PasskeyChallengeResponse['publicKey']]?: unknown } | null;
}

/** Validates the body of a successful response. */
export type Guard<Body> = (body: UnknownBody | null) => body is Body & UnknownBody;

export interface FlowRequest<Body> {
  step: Step | 'sign-out';
  method: 'GET' | 'POST' | 'DELETE';
  origin: string;
  path: string;
  body?: object;
  isValid: Guard<Body>;
  /** Describes a valid response for the person who watches the steps. */
  label: (body: Body) => string;
  /** Step 3: the account that has the SSO session. */
  account?: Account;
  /** The outcome without a valid response. */
  unreachable: 'sso-unreachable' | 'app-unreachable';
}

/** @throws {FlowError} if there is no valid response, or the server refuses the request */
export async function sendRequest<Body>(
  { step, method, origin, path, body, isValid, label, account, unreachable }: FlowRequest<Body>,
  onStep: (report: StepReport) => void,
): Promise<{ body: Body; headers: Headers }> {
  // Without cookies every response says "signed out", and a password would be sent for nothing.
  if (areCookiesBlocked()) throw new FlowError({ status: 'cookies-blocked' });
  const startedAtMs = performance.now();
  const report = (state: StepReport['state'], label: string, status?: number) => {
    if (step === 'sign-out') return;
    onStep({
      step,
      state,
      label,
      request: { method, origin, path, ...(body && { body: JSON.stringify(body, mask) }) },
      startedAtMs,
      ...(state !== 'pending' && { durationMs: performance.now() - startedAtMs }),
      ...(status && { status }),
    });
  };
  const noResponse = () => {
    report('unanswered', 'no response');
    return new FlowError({ status: unreachable });
  };
  report('pending', 'waiting');

  let response: Response;
  let responseBody: UnknownBody | Problem | null;
  try {
    // No `cache` option: with 'no-store' Chromium bypasses its preflight cache too, and every request
    // would pay a preflight. The servers send `no-store` themselves.
    response = await fetch(origin + path, {
      method,
      credentials: 'include',
      redirect: 'error',
      // The browser completes a sign-out even if the person closes the page right after the click.
      keepalive: step === 'sign-out',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    responseBody = await response.json();
  } catch {
    throw noResponse();
  }
  const { ok, status, headers } = response;
  if (ok && isValid(responseBody)) {
    report('done', label(responseBody), status);
    return { body: responseBody, headers };
  }
  if (ok || !isProblem(responseBody)) throw noResponse();
  report('refused', responseBody.code, status);
  throw new FlowError(toOutcome(step, responseBody, account));
}

function toOutcome(
  step: Step | 'sign-out',
  { code, retryAfterSeconds, methods = [], unknown }: Problem,
  account?: Account,
): Outcome {
  const wait = retryAfterSeconds && { retryAfterSeconds };
  if (code === 'sso-unavailable') return { status: 'sso-unreachable' };
  // The SSO session has ended since step 2 or 5.
  if (code === 'not-signed-in') return { status: 'signed-out' };
  if (account && code === 'step-up-required') return { status: code, account, methods };
  if (account && code === 'not-permitted') return { status: code, account };
  if (code === 'invalid-credentials') return { status: code };
  if (code === 'second-factor-required' || code === 'invalid-code') return { status: code };
  if (code === 'invalid-passkey') return { status: code, ...(unknown && { unknown }) };
  if (code === 'too-many-attempts') return { status: code, ...wait };
  return { status: 'refused', step, code, ...wait };
}

/** A proxy may refuse a request with a body of its own. */
function isProblem(body: object | null): body is Problem {
  return typeof (body as Partial<Problem> | null)?.code === 'string';
}

/**
 * Hides from `onStep` the password, a code, a passkey's signature, and all but the beginning of a token. The
 * other members of a passkey aren't secret, but longer than anybody reads.
 */
function mask(key: string, value: unknown): unknown {
  if (key === 'password' || key === 'code' || key === 'signature') return '••••••••';
  const isShortened = key === 'token' || (typeof value === 'string' && value.length > MAX_REPORTED_LENGTH);
  return isShortened ? `${String(value).slice(0, 12)}…` : value;
}
