/** Parses the variable that names the networks of trusted proxies. */
import { isIP } from 'node:net';
import proxyAddress from '@fastify/proxy-addr';
import { quote } from '@samesite-sso/core';
import ipaddr from 'ipaddr.js';

/** A process on the same machine connects from either address, depending on how it resolves the name. */
const LOOPBACK_ADDRESSES = ['127.0.0.1', '::1'];

/** IP addresses and networks, separated by commas, for Fastify's `trustProxy`: `10.1.0.7, fd00:12::/32`. */
export function networks(value: string): readonly string[] {
  const entries = value.split(',').map((entry) => entry.trim());
  const errors = entries.flatMap((entry) => {
    const reason = validateNetwork(entry);
    return reason === null ? [] : [`${quote(entry)} ${reason}`];
  });
  if (errors.length > 0) throw new Error(`has invalid entries: ${errors.join('; ')}`);
  const includes = proxyAddress.compile(entries);
  const hasLoopback = LOOPBACK_ADDRESSES.some((address) => includes(address, 0));
  return hasLoopback ? [...entries, ...LOOPBACK_ADDRESSES] : entries;
}

const IPV4_MAPPED = ipaddr.IPv6.parse('::ffff:0:0');
const IPV4_MAPPED_BITS = 96;

/** The widest private networks are 10.0.0.0/8 and fc00::/7. A wider one would include others' machines. */
const MIN_PREFIX_BITS = { ipv4: 8, ipv6: 7 };
const MAX_PREFIX_BITS = { ipv4: 32, ipv6: 128 };

/** Returns why an entry is invalid, or null. Fastify would also accept names, masks and shorthands. */
function validateNetwork(entry: string): string | null {
  const [, address = '', prefix] = /^([^/]*)(?:\/(.*))?$/s.exec(entry) ?? [];
  if (isIP(address) === 0 || address.includes('%'))
    return 'is not an IP address or a network such as 10.1.0.0/16';
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress())
    return 'is IPv4 in IPv6 notation: write it as IPv4';
  if (parsed.toString() !== address) return 'is not an IP address in canonical form';
  const kind = parsed.kind();
  const prefixBits = prefix === undefined ? MAX_PREFIX_BITS[kind] : Number(prefix);
  if (prefix !== undefined && (!/^(0|[1-9]\d*)$/.test(prefix) || prefixBits > MAX_PREFIX_BITS[kind])) {
    return `needs a prefix length from ${MIN_PREFIX_BITS[kind]} to ${MAX_PREFIX_BITS[kind]}`;
  }
  if (prefixBits < MIN_PREFIX_BITS[kind])
    return "is wider than any private network: it would trust other people's machines";
  if (parsed instanceof ipaddr.IPv6 && IPV4_MAPPED.match(parsed, Math.min(prefixBits, IPV4_MAPPED_BITS)))
    return 'includes IPv4 in IPv6 notation: write that as IPv4';
  return null;
}
