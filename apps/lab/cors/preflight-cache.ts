/**
 * The browser's CORS-preflight cache, for requests to one path, each sent right after the one before.
 * https://fetch.spec.whatwg.org/#cors-preflight-cache
 */
import type { Target } from './experiment-request.ts';
import { getField, isSameName, parseTokens } from './header-values.ts';
import type { Fields } from './policy.ts';
import type { PreparedRequest } from './prepare-request.ts';
import { isSafelistedMethod, unsafeHeaderNames } from './safelist.ts';
import type { Answers } from './verdict.ts';

const DEFAULT_MAX_AGE_SECONDS = 5;

/** What one preflight allowed. */
export interface RememberedPreflight {
  target: Target;
  hasCredentials: boolean;
  methods: readonly string[];
  headerNames: readonly string[];
  /** The header's value, which browsers read differently. */
  maxAge: string | null;
  /** Set when a request failed afterwards. Chromium remembers the preflight anyway. */
  isForgotten: boolean;
}

/** Returns whether a request to another origin needs a preflight, and whether one is remembered. */
export function findPreflight(
  request: PreparedRequest,
  remembered: readonly RememberedPreflight[],
): Answers['preflight'] {
  const unsafeNames = unsafeHeaderNames(request.headers);
  const needsMethod = !isSafelistedMethod(request.method);
  if (!needsMethod && unsafeNames.length === 0) return 'none';

  const known = remembered.filter(
    ({ isForgotten, target, hasCredentials }) =>
      !isForgotten && target === request.target && (hasCredentials || request.credentials !== 'include'),
  );
  const allowsMethod = known.some(
    (entry) => entry.methods.includes(request.method) || hasStar(entry.methods, entry),
  );
  const allowsHeaders = unsafeNames.every((name) =>
    known.some(
      (entry) =>
        entry.headerNames.some((allowed) => isSameName(allowed, name)) ||
        (name !== 'authorization' && hasStar(entry.headerNames, entry)),
    ),
  );
  return (!needsMethod || allowsMethod) && allowsHeaders ? 'cached' : 'sent';
}

/** A `*` that was sent for a request with credentials is a name, not a wildcard. */
function hasStar(names: readonly string[], { hasCredentials }: RememberedPreflight): boolean {
  return !hasCredentials && names.includes('*');
}

/** Returns the memory after a preflight that allowed the request. */
export function rememberPreflight(
  { target, credentials }: PreparedRequest,
  fields: Fields,
  remembered: readonly RememberedPreflight[],
): readonly RememberedPreflight[] {
  const maxAge = getField(fields, 'Access-Control-Max-Age');
  // An invalid value counts as a missing one.
  const maxAgeSeconds = /^\d+$/.test(maxAge ?? '') ? Number(maxAge) : DEFAULT_MAX_AGE_SECONDS;
  if (maxAgeSeconds === 0) return remembered;
  const entry = {
    target,
    hasCredentials: credentials === 'include',
    methods: parseTokens(getField(fields, 'Access-Control-Allow-Methods')) ?? [],
    headerNames: parseTokens(getField(fields, 'Access-Control-Allow-Headers')) ?? [],
    maxAge,
    isForgotten: false,
  };
  return [...remembered, entry];
}

/** Returns the memory after a request that needed a preflight failed. */
export function forgetPreflights(
  { target }: PreparedRequest,
  remembered: readonly RememberedPreflight[],
): readonly RememberedPreflight[] {
  return remembered.map((entry) => (entry.target === target ? { ...entry, isForgotten: true } : entry));
}
