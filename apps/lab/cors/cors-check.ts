/** Decides whether a page may read another origin's response. https://fetch.spec.whatwg.org/#cors-check */
import type { ExperimentRequest } from './experiment-request.ts';
import { getField } from './header-values.ts';
import type { Fields } from './policy.ts';
import { type Finding, toFinding } from './standard.ts';
import type { Rule } from './verdict.ts';

const ALLOW_ORIGIN = 'Access-Control-Allow-Origin';
const ALLOW_CREDENTIALS = 'Access-Control-Allow-Credentials';

/**
 * Performs the standard's CORS check, on the response to a preflight as well as on the response itself.
 *
 * @param credentials the request's mode, even for its preflight, which itself never carries credentials
 * @param subject the subject of the explanation, such as `The response`
 */
export function checkCors(
  credentials: ExperimentRequest['credentials'],
  fields: Fields,
  pageOrigin: string,
  subject: string,
): Finding {
  const allowedOrigin = getField(fields, ALLOW_ORIGIN);
  if (allowedOrigin === null) {
    return fail('allow-origin-missing', '2', ALLOW_ORIGIN, `${subject} has no ${ALLOW_ORIGIN}`);
  }
  if (credentials !== 'include' && allowedOrigin === '*') {
    return pass('3', `${subject} allows every origin (*), which suffices for a request without credentials`);
  }
  // Byte for byte: letter case, port and a trailing slash count.
  if (allowedOrigin !== pageOrigin) {
    const [rule, because] = explainMismatch(allowedOrigin, pageOrigin);
    return fail(rule, '4', ALLOW_ORIGIN, `${subject} allows ${because}`);
  }
  if (credentials !== 'include') return pass('5', `${subject} allows the page's origin, ${pageOrigin}`);
  const allowedCredentials = getField(fields, ALLOW_CREDENTIALS);
  if (allowedCredentials === 'true') {
    return pass('7', `${subject} allows the page's origin, ${pageOrigin}, and credentials`);
  }
  const found = allowedCredentials === null ? `no ${ALLOW_CREDENTIALS}` : show(allowedCredentials);
  const expected = `the request includes credentials, so ${ALLOW_CREDENTIALS} has to be exactly true`;
  return fail('allow-credentials', '7', ALLOW_CREDENTIALS, `${subject} has ${found}, but ${expected}`);
}

/** The standard doesn't distinguish these mismatches. Browsers' messages do, because the fixes differ. */
function explainMismatch(allowedOrigin: string, pageOrigin: string): [Rule, string] {
  if (allowedOrigin === '*') {
    const because = `every origin (*), but a request with credentials needs the page's own, ${pageOrigin}`;
    return ['allow-origin-wildcard-with-credentials', because];
  }
  if (/[ ,]/.test(allowedOrigin)) {
    return ['allow-origin-multiple', `${allowedOrigin}, but a list of origins matches none of them`];
  }
  return ['allow-origin-mismatch', `${show(allowedOrigin)}, but the page's origin is ${pageOrigin}`];
}

const show = (value: string) => (value === '' ? 'an empty value' : value);

const pass = (step: string, because: string) => toFinding('CORS check', step, 'allowed', because);

const fail = (rule: Rule, step: string, header: string, because: string) =>
  toFinding('CORS check', step, rule, because, header);
