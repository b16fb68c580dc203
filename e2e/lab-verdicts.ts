/** The CORS lab's verdicts in the words of the browsers' developer tools. Pages never learn the reason. */
import type { Rule, Verdict } from '../apps/lab/cors/verdict.ts';

/**
 * The errors of `Network.loadingFailed` in the Chrome DevTools protocol, which doesn't report requests that
 * never reach the network.
 */
const CHROMIUM_ERRORS: Partial<Record<Rule, string>> = {
  'allow-origin-missing': 'MissingAllowOriginHeader',
  'allow-origin-wildcard-with-credentials': 'WildcardOriginNotAllowed',
  'allow-origin-multiple': 'MultipleAllowOriginValues',
  'allow-origin-mismatch': 'AllowOriginMismatch',
  'allow-credentials': 'InvalidAllowCredentials',
  'preflight-redirected': 'PreflightDisallowedRedirect',
  'preflight-status': 'PreflightInvalidStatus',
  'allow-methods': 'MethodDisallowedByPreflightResponse',
  'allow-headers': 'HeaderDisallowedByPreflightResponse',
};

/** The rules whose error begins with `Preflight` if the response to a preflight breaks them. */
const CHECKED_TWICE = /^allow-(origin-|credentials$)/;

/** Returns the error that Chromium reports; null if it reports none. */
export function chromiumError({ rule, failedIn }: Verdict): string | null {
  const error = CHROMIUM_ERRORS[rule] ?? null;
  return error !== null && failedIn === 'preflight' && CHECKED_TWICE.test(rule) ? `Preflight${error}` : error;
}

/** Parts of Firefox's console messages, which begin with "Cross-Origin Request Blocked". */
const FIREFOX_REASONS: Partial<Record<Rule, string>> = {
  'allow-origin-missing': 'CORS header ‘Access-Control-Allow-Origin’ missing',
  'allow-origin-wildcard-with-credentials': 'if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’',
  'allow-origin-multiple': 'CORS header ‘Access-Control-Allow-Origin’ does not match',
  'allow-origin-mismatch': 'CORS header ‘Access-Control-Allow-Origin’ does not match',
  'allow-credentials': 'expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’',
  'preflight-redirected': 'CORS request external redirect not allowed',
  'preflight-status': 'CORS preflight response did not succeed',
  'allow-methods': 'Did not find method in CORS header ‘Access-Control-Allow-Methods’',
  'allow-headers': 'is not allowed according to header ‘Access-Control-Allow-Headers’',
};

/** Returns a part of the reason that Firefox reports; null if it reports none. */
export function firefoxReason({ rule }: Verdict): string | null {
  return FIREFOX_REASONS[rule] ?? null;
}
