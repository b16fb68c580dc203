/** Predicts the response to a request that is sent: the target's, or the shared cache's. */
import { findCookies } from './cookies.ts';
import type { TargetOrigins } from './experiment-request.ts';
import { isSameName } from './header-values.ts';
import { type Fields, type Policy, responseFields } from './policy.ts';
import type { PreparedRequest } from './prepare-request.ts';
import { findStored, type StoredResponse, storeResponse } from './shared-cache.ts';

interface SentResponse {
  fields: Fields;
  /** False if the shared cache answers. */
  isExecuted: boolean;
  /** The shared cache's responses afterwards. */
  responses: readonly StoredResponse[];
}

export function send(
  request: PreparedRequest,
  policy: Policy,
  origins: TargetOrigins,
  responses: readonly StoredResponse[],
): SentResponse {
  // The browser also sends `Origin`, or `null`, with each method but GET and HEAD. No cache stores the
  // responses to those, and without a CORS check the policy doesn't matter.
  // https://fetch.spec.whatwg.org/#append-a-request-origin-header
  const isCrossOrigin = request.target !== 'same-origin' && request.mode === 'cors';
  const origin = isCrossOrigin ? origins['same-origin'] : null;
  const cacheRequest = {
    method: request.method,
    url: origins[request.target],
    getHeader: (name: string) => findSentHeader(request, origin, name),
  };
  const stored = policy.hasSharedCache ? findStored(cacheRequest, responses) : undefined;
  if (stored) return { fields: stored.fields, isExecuted: false, responses };
  const response = { status: policy.response.status, fields: responseFields(policy, origin) };
  return {
    fields: response.fields,
    isExecuted: true,
    responses: policy.hasSharedCache ? storeResponse(cacheRequest, response, responses) : responses,
  };
}

/** Returns the value of a request's header, null for none. Headers that never vary here count as missing. */
function findSentHeader(request: PreparedRequest, origin: string | null, name: string): string | null {
  const values = request.headers.filter(([other]) => isSameName(other, name)).map(([, value]) => value);
  if (values.length > 0) return values.join(', ');
  switch (name.toLowerCase()) {
    case 'origin':
      return origin;
    case 'sec-fetch-mode':
      return request.mode;
    case 'accept':
      return '*/*';
    case 'cookie': {
      const kinds = Object.entries(findCookies(request)).filter(([, travel]) => travel !== 'withheld');
      return kinds.length === 0 ? null : kinds.map(([kind]) => kind).join('; ');
    }
    default:
      return null;
  }
}
