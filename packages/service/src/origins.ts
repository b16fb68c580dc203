/**
 * Origins and sites, as browsers compute them. An origin is an app's only name, so it is compared byte
 * for byte, and only its canonical form is let in.
 */
import { getDomain } from 'tldts';

/**
 * An origin as a browser would write it, or null: `scheme://host[:port]`, lower case, no default port. URLs
 * allow hosts with an asterisk or a final dot; a site's apps have neither.
 */
export function parseOrigin(text: string): URL | null {
  const url = URL.parse(text);
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
  return isHttp && url.origin === text && HOST.test(url.hostname) ? url : null;
}

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*)$/;

/** Hosts that never leave the machine, and so are secure without TLS (Secure Contexts, section 3.1). */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
}

/**
 * The part of a site below its scheme: the registrable domain by the public suffix list, private section
 * included as in browsers, or the host itself where there is none (an IP address, a bare `localhost`).
 */
export function registrableDomain({ hostname }: URL): string {
  return getDomain(hostname, { allowPrivateDomains: true }) ?? hostname;
}

/** What is wrong with an origin that an operator wrote, in words, or null. */
export function originFault(text: string): string | null {
  const url = parseOrigin(text);
  if (url === null) return 'is not an origin in canonical form, such as https://sso.example.com';
  if (url.protocol === 'http:' && !isLoopback(url)) {
    return 'is plain http on a host that is not loopback; use https';
  }
  return null;
}
