/**
 * A shared cache between browsers and a target, as a content delivery network runs one. It keeps a response
 * with its original headers, and `Vary` decides which requests it may answer: RFC 9111, section 4.1. The
 * judge and the lab's server share this code.
 */
import { getField, splitAtCommas } from './header-values.ts';
import type { Fields } from './policy.ts';

const MAX_STORED_RESPONSES = 10;

/** A request as the cache sees it. */
interface CacheRequest {
  method: string;
  /** With the host. */
  url: string;
  getHeader: (name: string) => string | null;
}

export interface StoredResponse<Response = { status: number; fields: Fields }> {
  url: string;
  response: Response;
  /** The request's values of the headers that `Vary` names; null for a missing one. */
  varying: readonly (readonly [name: string, value: string | null])[];
}

/** Returns the latest stored response that `Vary` admits. */
export function findStored<Response>(
  { method, url, getHeader }: CacheRequest,
  stored: readonly StoredResponse<Response>[],
): Response | undefined {
  if (method !== 'GET') return undefined;
  return stored.findLast(
    (each) => each.url === url && each.varying.every(([name, value]) => getHeader(name) === value),
  )?.response;
}

/** Returns what is stored after this response. */
export function storeResponse<Response extends { status: number; fields: Fields }>(
  { method, url, getHeader }: CacheRequest,
  response: Response,
  stored: readonly StoredResponse<Response>[],
): readonly StoredResponse<Response>[] {
  const isStorable = method === 'GET' && response.status === 200 && stored.length < MAX_STORED_RESPONSES;
  const names = splitAtCommas(getField(response.fields, 'Vary') ?? '').filter((name) => name !== '');
  // A response with `Vary: *` may answer no other request.
  if (!isStorable || names.includes('*')) return stored;
  return [...stored, { url, response, varying: names.map((name) => [name, getHeader(name)] as const) }];
}
