/** Redacts a message's headers. Clients choose names, too, so unknown headers are only counted. */
import { SESSION_MAX_AGE_HEADER, SIGN_OUT_SCOPE_HEADER } from '@samesite-sso/protocol';
import type { Field } from '../../exchange/exchange.ts';
import { redactCookies, redactSetCookie } from './cookies.ts';
import { HIDDEN } from './rules.ts';

/** Names and values in the order of the message. */
export type RawFields = readonly (readonly [name: string, value: string])[];

/** @param texts names and values in turn, as Node and undici list them */
export function toRawFields(texts: readonly string[]): RawFields {
  return texts.flatMap((name, index) => (index % 2 === 0 ? [[name, texts[index + 1] ?? ''] as const] : []));
}

// The limits of the `Field` schema.
const MAX_FIELDS = 100;
const MAX_VALUE_LENGTH = 2000;

/** Headers that carry no secret, in lower case. */
const SHOWN_NAMES = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  // The Fetch standard's.
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'access-control-max-age',
  'access-control-request-headers',
  'access-control-request-method',
  'age',
  'allow',
  'cache-control',
  'clear-site-data',
  'connection',
  'content-encoding',
  'content-language',
  'content-security-policy',
  'content-type',
  'cross-origin-embedder-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'date',
  'dnt',
  'expires',
  'host',
  'keep-alive',
  'last-modified',
  'origin',
  'origin-agent-cluster',
  'permissions-policy',
  'pragma',
  'priority',
  'referrer-policy',
  'retry-after',
  // The User-Agent Client Hints that browsers send by default.
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-storage-access',
  'sec-fetch-user',
  'sec-gpc',
  SESSION_MAX_AGE_HEADER.toLowerCase(),
  SIGN_OUT_SCOPE_HEADER.toLowerCase(),
  'strict-transport-security',
  'timing-allow-origin',
  'transfer-encoding',
  'upgrade-insecure-requests',
  'user-agent',
  'vary',
  'www-authenticate',
  'x-content-type-options',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
]);

/** Only the name of these headers is shown, or a part of the value as well. */
const HIDDEN_NAMES = new Set([
  'authorization',
  'content-length',
  'cookie',
  'etag',
  'forwarded',
  'if-modified-since',
  'if-none-match',
  'location',
  'proxy-authorization',
  'referer',
  'set-cookie',
  'x-forwarded-for',
]);

/** The registered schemes. An unknown one may be the credentials themselves. */
const SCHEME = /^(Basic|Bearer|Digest|DPoP|Negotiate)(?= )/i;

/** @param isLengthShown whether the body's length reveals nothing that is hidden */
export function redactFields(fields: RawFields, isLengthShown: boolean): Field[] {
  const known = fields.filter(([name]) => isKnown(name.toLowerCase())).slice(0, MAX_FIELDS - 1);
  const otherCount = fields.length - known.length;
  const shown = known.map(([name, value]) => ({
    name,
    value: redactValue(name.toLowerCase(), value, isLengthShown).slice(0, MAX_VALUE_LENGTH),
  }));
  return otherCount > 0 ? [...shown, { name: `(${otherCount} more)`, value: HIDDEN }] : shown;
}

const isKnown = (name: string) => SHOWN_NAMES.has(name) || HIDDEN_NAMES.has(name);

function redactValue(name: string, value: string, isLengthShown: boolean): string {
  if (SHOWN_NAMES.has(name)) return value;
  switch (name) {
    case 'content-length':
      return isLengthShown || value === '0' ? value : HIDDEN;
    case 'cookie':
      return redactCookies(value);
    case 'set-cookie':
      return redactSetCookie(value);
    case 'authorization': {
      const [scheme] = SCHEME.exec(value) ?? [];
      return scheme === undefined ? HIDDEN : `${scheme} ${HIDDEN}`;
    }
    case 'location': {
      const origin = URL.parse(value)?.origin ?? 'null';
      return origin === 'null' ? HIDDEN : `${origin}/${HIDDEN}`;
    }
    default:
      return HIDDEN;
  }
}
