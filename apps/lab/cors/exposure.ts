/** What a page can read of a response besides its status and body: headers and timing. */
import type { ExperimentRequest } from './experiment-request.ts';
import { getField, isSameName, parseTokens, splitAtCommas } from './header-values.ts';
import type { Fields } from './policy.ts';
import { targetHeaderNames } from './verdict.ts';

/** https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name */
const alwaysExposed = [
  'Cache-Control',
  'Content-Language',
  'Content-Length',
  'Content-Type',
  'Expires',
  'Last-Modified',
  'Pragma',
];

/**
 * Returns those of the target's headers that `Access-Control-Expose-Headers` and the standard's safelist
 * expose to another origin. https://fetch.spec.whatwg.org/#main-fetch, step 14.1
 */
export function findExposedHeaders(
  credentials: ExperimentRequest['credentials'],
  fields: Fields,
): readonly string[] {
  const exposed = parseTokens(getField(fields, 'Access-Control-Expose-Headers')) ?? [];
  if (credentials !== 'include' && exposed.includes('*')) return targetHeaderNames;
  return targetHeaderNames.filter((name) =>
    [...alwaysExposed, ...exposed].some((other) => isSameName(other, name)),
  );
}

/** Performs the TAO check on a response from another origin. https://fetch.spec.whatwg.org/#tao-check */
export function isTimingAllowed(fields: Fields, pageOrigin: string): boolean {
  const allowed = splitAtCommas(getField(fields, 'Timing-Allow-Origin') ?? '');
  return allowed.includes('*') || allowed.includes(pageOrigin);
}
