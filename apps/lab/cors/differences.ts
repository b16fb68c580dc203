/**
 * Where browsers deviate from the standard, and so from what `judge` predicts. Measured with Chromium 156 and
 * Firefox ESR 153.
 */
import { getField, isSameName, parseTokens } from './header-values.ts';
import type { Fields } from './policy.ts';
import { findPreflight, type RememberedPreflight } from './preflight-cache.ts';
import type { PreparedRequest } from './prepare-request.ts';
import { type Header, unsafeHeaderNames } from './safelist.ts';

/** Client hints, which Chromium sends without a preflight. */
const clientHints = [
  'device-memory',
  'downlink',
  'dpr',
  'ect',
  'rtt',
  'save-data',
  'viewport-width',
  'width',
];

/** Returns sentences about a CORS request to another origin; null if browsers follow the standard. */
export function findDifference(
  request: PreparedRequest,
  fieldsOfPreflight: Fields,
  remembered: readonly RememberedPreflight[],
): string | null {
  const sentences = [
    ...findHeaderDifferences(request, fieldsOfPreflight),
    ...findMemoryDifferences(request, remembered),
  ];
  return sentences.length === 0 ? null : sentences.join(' ');
}

function* findHeaderDifferences({ credentials, headers }: PreparedRequest, fieldsOfPreflight: Fields) {
  const names = unsafeHeaderNames(headers);
  const allowed = parseTokens(getField(fieldsOfPreflight, 'Access-Control-Allow-Headers')) ?? [];
  const isNamed = allowed.some((name) => isSameName(name, 'authorization'));
  if (names.includes('authorization') && !isNamed && allowed.includes('*') && credentials !== 'include') {
    // https://github.com/whatwg/fetch/issues/1919
    yield 'Chromium and Firefox let * cover Authorization, against the standard.';
  }
  if (names.includes('user-agent')) {
    yield 'Chromium ignores a User-Agent that a page sets, and sends no preflight for it.';
  }
  if (names.some((name) => clientHints.includes(name))) {
    yield 'Chromium sends client hints without a preflight, though the safelist lacks them.';
  }
  const joined = joinRepeated(headers);
  if (unsafeHeaderNames(joined).length !== names.length) {
    yield 'Chromium joins the values of a repeated header before it looks them up in the safelist.';
  }
}

function* findMemoryDifferences(request: PreparedRequest, remembered: readonly RememberedPreflight[]) {
  const standard = findPreflight(request, remembered);
  const inChromium = findPreflight(request, remembered.flatMap(toChromiumMemory));
  const inFirefox = findPreflight(
    request,
    remembered.flatMap((entry) => toFirefoxMemory(entry, request)),
  );
  const explain = (found: string) =>
    found === 'cached' ? 'remembers the earlier preflight, and sends none' : 'sends another preflight';
  if (inChromium !== standard) yield `Chromium ${explain(inChromium)}.`;
  if (inFirefox !== standard) yield `Firefox ${explain(inFirefox)}.`;
}

/** Chromium keeps preflights when a request fails, and treats a negative age as zero. */
function toChromiumMemory(entry: RememberedPreflight): readonly RememberedPreflight[] {
  return /^-\d+$/.test(entry.maxAge ?? '') ? [] : [{ ...entry, isForgotten: false }];
}

/**
 * Firefox remembers preflights separately for requests with and without credentials. It ignores
 * those whose age isn't a number, and it forgets what a `*` allowed.
 */
function toFirefoxMemory(
  entry: RememberedPreflight,
  { credentials }: PreparedRequest,
): readonly RememberedPreflight[] {
  if (!/^\d*$/.test(entry.maxAge ?? '')) return [];
  if (entry.hasCredentials !== (credentials === 'include')) return [];
  const withoutStar = (names: readonly string[]) => names.filter((name) => name !== '*');
  const { methods, headerNames } = entry;
  return [{ ...entry, methods: withoutStar(methods), headerNames: withoutStar(headerNames) }];
}

function joinRepeated(headers: readonly Header[]): readonly Header[] {
  const values = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const lowerCaseName = name.toLowerCase();
    values.set(lowerCaseName, [...(values.get(lowerCaseName) ?? []), value]);
  }
  return [...values].map(([name, all]) => [name, all.join(', ')]);
}
