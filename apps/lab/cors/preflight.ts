/**
 * Decides whether the response to a preflight allows the request itself.
 * https://fetch.spec.whatwg.org/#cors-preflight-fetch
 */
import { checkCors } from './cors-check.ts';
import { getField, isSameName, parseTokens } from './header-values.ts';
import type { Fields } from './policy.ts';
import type { PreparedRequest } from './prepare-request.ts';
import { isSafelistedMethod, unsafeHeaderNames } from './safelist.ts';
import { type Finding, toFinding } from './standard.ts';
import type { Rule } from './verdict.ts';

const ALLOW_METHODS = 'Access-Control-Allow-Methods';
const ALLOW_HEADERS = 'Access-Control-Allow-Headers';

interface PreflightResponse {
  status: number;
  fields: Fields;
}

/**
 * Checks the response to a preflight. Step 7 of the standard requires a passed CORS check and an ok status
 * (2xx) together. If several things are wrong, this names the one that Chromium names: first a redirect, then
 * the CORS check, then the status.
 */
export function checkPreflight(
  request: PreparedRequest,
  { status, fields }: PreflightResponse,
  pageOrigin: string,
): Finding {
  if (status >= 300 && status < 400) {
    return fail('preflight-redirected', '7', null, `The preflight was redirected (${status})`);
  }
  const finding = checkCors(request.credentials, fields, pageOrigin, 'The response to the preflight');
  if (finding.rule !== 'allowed') return finding;
  if (status < 200 || status > 299) {
    const because = `The preflight was answered with the status ${status}, which isn't an ok status (2xx)`;
    return fail('preflight-status', '7', null, because);
  }
  return checkPermissions(request, fields) ?? finding;
}

/** Steps 7.1 to 7.7, the method before the headers. Returns null if they allow the request. */
function checkPermissions(request: PreparedRequest, fields: Fields): Finding | null {
  const methods = parseTokens(getField(fields, ALLOW_METHODS));
  const names = parseTokens(getField(fields, ALLOW_HEADERS));
  if (methods === null) return fail('allow-methods', '7.3', ALLOW_METHODS, notAList(fields, ALLOW_METHODS));
  if (names === null) return fail('allow-headers', '7.3', ALLOW_HEADERS, notAList(fields, ALLOW_HEADERS));

  const isWildcardValid = request.credentials !== 'include';
  const isAnyMethod = isWildcardValid && methods.includes('*');
  if (!isSafelistedMethod(request.method) && !methods.includes(request.method) && !isAnyMethod) {
    return fail('allow-methods', '7.5', ALLOW_METHODS, explainMethod(request, methods));
  }
  const isNamed = (name: string) => names.some((allowed) => isSameName(allowed, name));
  const unsafeNames = unsafeHeaderNames(request.headers);
  if (unsafeNames.includes('authorization') && !isNamed('authorization')) {
    return fail('allow-headers', '7.6', ALLOW_HEADERS, explainHeader('authorization', names));
  }
  const missingName = unsafeNames.find((name) => !isNamed(name));
  if (missingName !== undefined && !(isWildcardValid && names.includes('*'))) {
    return fail('allow-headers', '7.7', ALLOW_HEADERS, explainHeader(missingName, names));
  }
  return null;
}

function explainMethod({ method }: PreparedRequest, methods: readonly string[]): string {
  const because = `The preflight asked for the method ${method}, but the response allows ${list(methods)}`;
  if (methods.includes('*')) return `${because}, and * is not a wildcard with credentials`;
  const hasOtherCase = methods.some((allowed) => isSameName(allowed, method));
  return hasOtherCase ? `${because}, and methods are case-sensitive` : because;
}

function explainHeader(name: string, names: readonly string[]): string {
  const because = `The preflight asked for the header ${name}, but the response allows ${list(names)}`;
  if (!names.includes('*')) return because;
  if (name === 'authorization') return `${because}, and * never covers authorization`;
  return `${because}, and * is not a wildcard with credentials`;
}

function notAList(fields: Fields, name: string): string {
  const value = getField(fields, name);
  return `The response to the preflight has ${value} as ${name}, which isn't a list of names`;
}

const list = (items: readonly string[]) => (items.length === 0 ? 'none' : items.join(', '));

const fail = (rule: Rule, step: string, header: string | null, because: string) =>
  toFinding('CORS-preflight fetch', step, rule, because, header);
