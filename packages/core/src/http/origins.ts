/**
 * Origins and sites, as browsers compute them. An origin is an app's only name, so it is compared byte
 * for byte, and only its canonical form is let in.
 */
import { BASE_PATH } from '@samesite-sso/protocol';
import { getDomain } from 'tldts';
import { AddressRanges } from './address-ranges.ts';

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
export function validateOrigin(text: string): string | null {
  const url = parseOrigin(text);
  if (url === null) return 'is not an origin in canonical form, such as https://sso.example.com';
  if (url.protocol === 'http:' && !isLoopback(url)) {
    return 'is plain http on a host that is not loopback; use https';
  }
  return null;
}

/**
 * What is wrong with the address at which one server reaches another, in words, or null. Over plain http,
 * anyone on the path could replace the published keys or an introspection response: neither is signed.
 */
export function validateServerUrl(text: string): string | null {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.origin !== text) {
    return 'is not a bare http(s)://host[:port]';
  }
  if (url.protocol === 'http:' && !isLoopback(url) && !isPrivate(url)) {
    return (
      'is plain http to a host that is neither loopback, nor a private or link-local address, nor a name ' +
      'without a dot; use https, and NODE_EXTRA_CA_CERTS where the certificate comes from a private authority'
    );
  }
  return null;
}

/** What is wrong with the base path of an app's endpoints, in words, or null. */
export function validateBasePath(text: string): string | null {
  if (BASE_PATH.test(text)) return null;
  return 'is neither empty nor a path such as /api, of letters, digits and -._~, without a slash at its end';
}

/** The same as `validateServerUrl` for the address of an app's server, which may end in the app's base path. */
export function appServerFault(text: string): string | null {
  const [, base = text, path = ''] = /^([a-z]+:\/\/[^/]*)(\/.*)$/s.exec(text) ?? [];
  const fault = validateBasePath(path);
  return validateServerUrl(base) ?? (fault && `has a path, ${JSON.stringify(path)}, that ${fault}`);
}

/**
 * Whether a host is on a network of the operator's own. A name with a dot isn't, whatever it resolves to: DNS
 * answers aren't authenticated. A name without one is taken to come from the hosts file or a container
 * network.
 */
function isPrivate({ hostname }: URL): boolean {
  return /^[a-z0-9_-]+$/.test(hostname) || PRIVATE_ADDRESSES.includes(hostname.replace(/^\[|\]$/g, ''));
}

/** Not 100.64.0.0/10: a carrier shares it among its customers (RFC 6598). */
const PRIVATE_ADDRESSES = new AddressRanges([
  '127.0.0.0/8', // Loopback, RFC 1122.
  '10.0.0.0/8', // Private, RFC 1918.
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7', // Unique local, RFC 4193.
  '169.254.0.0/16', // Link-local, RFC 3927.
  'fe80::/10', // Link-local, RFC 4291.
]);
