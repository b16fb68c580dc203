/**
 * Methods and headers that pages can't set, because browsers control them or servers trust them.
 * https://fetch.spec.whatwg.org/#forbidden-request-header
 */
import { isSameName, splitAtCommas } from './header-values.ts';

const forbiddenMethods = ['CONNECT', 'TRACE', 'TRACK'];

const forbiddenNames = new Set([
  'accept-charset',
  'accept-encoding',
  'access-control-request-headers',
  'access-control-request-method',
  'connection',
  'content-length',
  'cookie',
  'cookie2',
  'date',
  'dnt',
  'expect',
  'host',
  'keep-alive',
  'origin',
  'referer',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
]);

/** Some servers take the method from these headers, so they can't name a forbidden one. */
const overridingNames = ['x-http-method', 'x-http-method-override', 'x-method-override'];

/** Whether `fetch()` throws for this method. */
export function isForbiddenMethod(method: string): boolean {
  return forbiddenMethods.some((forbidden) => isSameName(forbidden, method));
}

/** Whether `fetch()` silently drops this header. */
export function isForbiddenHeader(name: string, value: string): boolean {
  const lowerCaseName = name.toLowerCase();
  return (
    forbiddenNames.has(lowerCaseName) ||
    /^(proxy|sec)-/.test(lowerCaseName) ||
    (overridingNames.includes(lowerCaseName) && splitAtCommas(value).some(isForbiddenMethod))
  );
}
