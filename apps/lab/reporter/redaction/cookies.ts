/** Redacts cookies: shows only the names of the site's own, and the start of their random values. */
import { COOKIES } from '@samesite-sso/protocol';
import { HIDDEN } from './rules.ts';

/** Session cookies: 256 random bits. Six characters are 36 of them. */
const RANDOM_COOKIES: readonly string[] = Object.values(COOKIES);

/** At least 128 bits in base64url. A shorter value isn't one that the site made. */
const RANDOM_VALUE = /^[\w-]{22,}$/;

const SHOWN_CHARACTERS = 6;

/** RFC 6265bis, section 4.1.1, and Chromium's `Priority` and `Partitioned`. */
const ATTRIBUTE =
  /^(Expires|Max-Age|Domain|Path|Secure|HttpOnly|SameSite|Priority|Partitioned)(=[\w ,:/.-]*)?$/i;

/** Redacts the value of a `Cookie` header. */
export function redactCookies(value: string): string {
  return value.split(/; ?/).map(redactPair).join('; ');
}

/** Redacts the value of a `Set-Cookie` header. Its attributes aren't secret. */
export function redactSetCookie(value: string): string {
  const [pair = '', ...attributes] = value.split(/; ?/);
  const shown = attributes.map((attribute) => (ATTRIBUTE.test(attribute) ? attribute : HIDDEN));
  return [redactPair(pair), ...shown].join('; ');
}

function redactPair(pair: string): string {
  const [name = '', value] = pair.split(/=(.*)/s, 2);
  // The value of a cookie without a name may contain an equals sign, so only known names are shown.
  if (value === undefined || !RANDOM_COOKIES.includes(name)) return HIDDEN;
  // An empty value deletes the cookie.
  if (value === '') return pair;
  return `${name}=${RANDOM_VALUE.test(value) ? `${value.slice(0, SHOWN_CHARACTERS)}…` : HIDDEN}`;
}
