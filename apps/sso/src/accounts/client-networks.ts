/**
 * The networks that a client address belongs to. One client has a whole IPv6 /64, and a rented server may
 * come with a /56 or a /48: each size has limits of its own, so that more addresses don't mean more guesses.
 */
import ipaddr from 'ipaddr.js';

export interface ClientNetwork {
  /** An IPv4 address, or an IPv6 network in CIDR notation. */
  name: string;
  /** Failed sign-ins that one account may have from this network within the window. */
  maxFailuresPerAccount: number;
  /** Failed sign-ins from this network within the window, for any accounts. */
  maxFailures: number;
}

const IPV4_LIMITS = { maxFailuresPerAccount: 10, maxFailures: 300 };
const IPV6_LIMITS = [
  { prefixBits: 48, maxFailuresPerAccount: 100, maxFailures: 1200 },
  { prefixBits: 56, maxFailuresPerAccount: 30, maxFailures: 600 },
  { prefixBits: 64, maxFailuresPerAccount: 10, maxFailures: 300 },
] as const;

/** @returns the networks of an address, the widest first; an IPv4-mapped IPv6 address is the IPv4 address */
export function clientNetworks(address: string): ClientNetwork[] {
  const withoutZone = address.replace(/%.*$/, '');
  if (!ipaddr.isValid(withoutZone)) return [{ name: address, ...IPV4_LIMITS }];
  const parsed = ipaddr.process(withoutZone);
  if (parsed.kind() === 'ipv4') return [{ name: parsed.toString(), ...IPV4_LIMITS }];
  return IPV6_LIMITS.map(({ prefixBits, ...limits }) => {
    const network = ipaddr.IPv6.networkAddressFromCIDR(`${parsed}/${prefixBits}`);
    return { name: `${network}/${prefixBits}`, ...limits };
  });
}
