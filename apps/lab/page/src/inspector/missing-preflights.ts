/**
 * Finds the preflight of each cross-origin request that needs one, or the earlier preflight that the browser
 * must have remembered instead. Pure.
 */
import type { Exchange } from '../../../exchange/exchange.ts';
import { fieldValue } from './message-fields.ts';

export type PreflightUse =
  /** The request is a preflight or same-origin, or the Fetch standard demands none. */
  | { kind: 'none' }
  | { kind: 'sent' }
  /** The browser remembered the response to an earlier preflight. */
  | { kind: 'cached'; sentAt: number; maxAgeSeconds: number }
  /** The request needs a preflight, but none that was received explains it. */
  | { kind: 'missing' };

/** Fetch standard, "CORS-preflight fetch": how long browsers remember a response without a `Max-Age`. */
const DEFAULT_MAX_AGE_SECONDS = 5;

/** Chromium remembers a preflight for two hours at most. Firefox allows 24. */
const MAX_AGE_LIMIT_SECONDS = 86_400;

/** A request that follows a preflight later than this isn't the one that caused it. */
const LONGEST_PREFLIGHT_MS = 10_000;

/** Fetch standard, "CORS-safelisted method" and "CORS-safelisted request-header". */
const SAFELISTED_METHODS = ['GET', 'HEAD', 'POST'];
const SAFELISTED_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];

interface SeenPreflight {
  exchange: Exchange;
  isUsed: boolean;
}

/** @param exchanges in the order in which they started */
export function findPreflights(exchanges: readonly Exchange[]): Map<string, PreflightUse> {
  const uses = new Map<string, PreflightUse>();
  const lastPreflights = new Map<string, SeenPreflight>();
  for (const exchange of exchanges) {
    if (exchange.direction !== 'received') continue;
    const key = cacheKeyOf(exchange);
    if (isPreflight(exchange)) lastPreflights.set(key, { exchange, isUsed: false });
    else if (needsPreflight(exchange))
      uses.set(exchange.id, explainPreflight(lastPreflights.get(key), exchange));
  }
  return uses;
}

export function isPreflight({ method, request }: Exchange): boolean {
  return method === 'OPTIONS' && fieldValue(request, 'access-control-request-method') !== null;
}

function explainPreflight(preflight: SeenPreflight | undefined, { startedAt }: Exchange): PreflightUse {
  if (!preflight) return { kind: 'missing' };
  const { exchange, isUsed } = preflight;
  preflight.isUsed = true;
  if (!isUsed && startedAt - exchange.startedAt < LONGEST_PREFLIGHT_MS) return { kind: 'sent' };
  const maxAgeSeconds = maxAgeOf(exchange);
  const isRemembered = startedAt <= exchange.startedAt + maxAgeSeconds * 1000;
  return isRemembered ? { kind: 'cached', sentAt: exchange.startedAt, maxAgeSeconds } : { kind: 'missing' };
}

/** Browsers remember a preflight per origin and URL, and each browser for itself. */
function cacheKeyOf({ host, path, request }: Exchange): string {
  const [origin, browser] = ['origin', 'user-agent'].map((name) => fieldValue(request, name));
  return JSON.stringify([origin, browser, host, path]);
}

/** Returns 0 if the browser must not remember the preflight. */
function maxAgeOf({ response }: Exchange): number {
  if (!response || response.status < 200 || response.status > 299) return 0;
  if (fieldValue(response, 'access-control-allow-origin') === null) return 0;
  const maxAge = Number(fieldValue(response, 'access-control-max-age') ?? DEFAULT_MAX_AGE_SECONDS);
  return Number.isNaN(maxAge) ? DEFAULT_MAX_AGE_SECONDS : Math.min(maxAge, MAX_AGE_LIMIT_SECONDS);
}

function needsPreflight({ client, method, request }: Exchange): boolean {
  const site = fieldValue(request, 'sec-fetch-site');
  const isCrossOrigin = client === 'browser' && site !== 'same-origin' && site !== 'none';
  if (!isCrossOrigin || fieldValue(request, 'sec-fetch-mode') !== 'cors') return false;
  const type = fieldValue(request, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  return !SAFELISTED_METHODS.includes(method) || (type !== undefined && !SAFELISTED_TYPES.includes(type));
}
