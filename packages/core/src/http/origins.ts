/**
 * Origins and sites, as browsers compute them. An app's origin is its only id and is compared byte for byte,
 * so only the canonical form is accepted.
 */
import { BASE_PATH } from '@samesite-sso/protocol';
import ipaddr from 'ipaddr.js';
import { getDomain } from 'tldts';

/**
 * Parses an origin as a browser would write it: `scheme://host[:port]`, in lower case, without a default
 * port. Returns null for anything else. URLs allow hosts with an asterisk or a final dot; origins here
 * don't.
 */
export function parseOrigin(text: string): URL | null {
  const url = URL.parse(text);
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
  return isHttp && url.origin === text && HOST.test(url.hostname) ? url : null;
}

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*)$/;

/** Hosts whose traffic never leaves the machine, so they are secure without TLS (Secure Contexts, 3.1). */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
}

/**
 * Returns the registrable domain by the public suffix list, with its private section, as browsers do. A host
 * without one (an IP address, a bare `localhost`) is returned as it is.
 */
export function registrableDomain({ hostname }: URL): string {
  return getDomain(hostname, { allowPrivateDomains: true }) ?? hostname;
}

/** Returns why an operator's origin is invalid, or null. */
export function validateOrigin(text: string): string | null {
  const url = parseOrigin(text);
  if (url === null) return 'is not an origin in canonical form, such as https://sso.example.com';
  if (url.protocol === 'http:' && !isLoopback(url)) {
    return 'is plain http on a host that is not loopback; use https';
  }
  return null;
}

/**
 * Returns why the address at which one server reaches another is invalid, or null. Over plain http, anyone on
 * the path could replace the published keys or an introspection response: neither is signed.
 */
export function validateServerUrl(text: string): string | null {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.origin !== text) {
    return 'is not a bare http(s)://host[:port]';
  }
  if (url.protocol === 'http:' && !isLoopback(url) && !isPrivate(url)) {
    return (
      'is plain http to a host that is neither loopback, nor a private or link-local address, nor a name ' +
      'without a dot; use https, with NODE_EXTRA_CA_CERTS if a private authority issued the certificate'
    );
  }
  return null;
}

/** Returns why the base path of an app's endpoints is invalid, or null. */
export function validateBasePath(text: string): string | null {
  if (BASE_PATH.test(text)) return null;
  return 'is neither empty nor a path such as /api: letters, digits and -._~, without a slash at the end';
}

/** Like {@link validateServerUrl}, for an app's server: its URL may end in the app's base path. */
export function validateAppServer(text: string): string | null {
  const [, base = text, path = ''] = /^([a-z]+:\/\/[^/]*)(\/.*)$/s.exec(text) ?? [];
  const reason = validateBasePath(path);
  return validateServerUrl(base) ?? (reason && `has a path, ${JSON.stringify(path)}, that ${reason}`);
}

/** As ipaddr.js names them. Not `carrierGradeNat`: a carrier shares it among its customers (RFC 6598). */
const PRIVATE_RANGES: readonly string[] = ['loopback', 'private', 'uniqueLocal', 'linkLocal'];

/**
 * Whether a host is on a network of the operator's own. A name with a dot isn't, even if it resolves there:
 * DNS isn't authenticated. A name without a dot comes from the hosts file or a container network.
 */
function isPrivate({ hostname }: URL): boolean {
  return /^[a-z0-9_-]+$/.test(hostname) || isPrivateAddress(hostname.replace(/^\[|\]$/g, ''));
}

/** Whether a text is an IP address that the public network doesn't route. */
export function isPrivateAddress(text: string): boolean {
  return ipaddr.isValid(text) && PRIVATE_RANGES.includes(ipaddr.process(text).range());
}
