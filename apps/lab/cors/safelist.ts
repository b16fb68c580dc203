/**
 * What a page may send to another origin without asking first: what HTML forms could always send, and a
 * little more. https://fetch.spec.whatwg.org/#cors-safelisted-request-header
 */
import type { ExperimentRequest } from './experiment-request.ts';

export type Header = ExperimentRequest['headers'][number];

const MAX_VALUE_BYTES = 128;
const MAX_VALUES_BYTES = 1024;

const safeMethods = ['GET', 'HEAD', 'POST'];
const safeMediaTypes = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];
const noCorsNames = ['accept', 'accept-language', 'content-language', 'content-type'];

/** Delimiters that a careless server might take for the end of a value. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the standard names them.
const unsafeBytes = /[\x00-\x08\x0a-\x1f"():<>?@[\\\]{}\x7f]/;
const languageBytes = /^[0-9A-Za-z *,\-.;=]*$/;

/** Methods are case-sensitive: `fetch()` has normalized them before. */
export const isSafelistedMethod = (method: string) => safeMethods.includes(method);

/** Whether a page may send this header to another origin without a preflight. */
export function isSafelistedHeader([name, value]: Header): boolean {
  // Values are ASCII (see `fieldValue`), so that their length is their number of bytes.
  if (value.length > MAX_VALUE_BYTES) return false;
  switch (name.toLowerCase()) {
    case 'accept':
      return !unsafeBytes.test(value);
    case 'accept-language':
    case 'content-language':
      return languageBytes.test(value);
    case 'content-type':
      return !unsafeBytes.test(value) && safeMediaTypes.includes(parseMediaType(value) ?? '');
    case 'range':
      return isSimpleRange(value);
    default:
      return false;
  }
}

/** Whether mode `no-cors` keeps this header. It drops all others silently. */
export function isNoCorsSafelistedHeader(header: Header): boolean {
  return noCorsNames.includes(header[0].toLowerCase()) && isSafelistedHeader(header);
}

/**
 * Returns the names of the headers that need a preflight, in lower case and sorted, as
 * `Access-Control-Request-Headers` lists them.
 * https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names
 */
export function unsafeHeaderNames(headers: readonly Header[]): readonly string[] {
  const unsafe = headers.filter((header) => !isSafelistedHeader(header));
  const safe = headers.filter(isSafelistedHeader);
  const safeBytes = safe.reduce((sum, [, value]) => sum + value.length, 0);
  const counted = safeBytes > MAX_VALUES_BYTES ? headers : unsafe;
  return [...new Set(counted.map(([name]) => name.toLowerCase()))].sort();
}

/** Returns type and subtype in lower case. https://mimesniff.spec.whatwg.org/#parsing-a-mime-type */
function parseMediaType(value: string): string | null {
  const [, mediaType] = /^\s*([!#$%&'*+\-.^_`|~\w]+\/[!#$%&'*+\-.^_`|~\w]+)\s*(?:;|$)/.exec(value) ?? [];
  return mediaType?.toLowerCase() ?? null;
}

/** One range of bytes that has a start. https://fetch.spec.whatwg.org/#simple-range-header-value */
function isSimpleRange(value: string): boolean {
  const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(value) ?? [];
  return start !== undefined && (!end || BigInt(start) <= BigInt(end));
}
