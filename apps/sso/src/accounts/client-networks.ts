/**
 * The networks that a client address belongs to. One client has a whole IPv6 /64, and a rented server may
 * come with a /56 or a /48: each size has limits of its own, so that more addresses don't mean more guesses.
 */
import ipaddr from 'ipaddr.js';

/** How many sign-ins may fail within the window. */
export interface NetworkLimits {
  /** From one network for one account. */
  maxFailuresPerAccount: number;
  /** From one network for any accounts. */
  maxFailures: number;
}

export interface ClientNetwork extends NetworkLimits {
  /** An IPv4 address, or an IPv6 network in CIDR notation. */
  name: string;
}

/** The limits of an IPv4 address and of a /64, unless the operator sets others. */
export const DEFAULT_LIMITS: NetworkLimits = { maxFailuresPerAccount: 10, maxFailures: 300 };

/** The sizes of IPv6 networks, the widest first, and by how much each may exceed the limits of a /64. */
const IPV6_SIZES = [
  { prefixBits: 48, timesPerAccount: 10, times: 4 },
  { prefixBits: 56, timesPerAccount: 3, times: 2 },
  { prefixBits: 64, timesPerAccount: 1, times: 1 },
] as const;

/** @returns the networks of an address, the widest first; an IPv4-mapped IPv6 address is the IPv4 address */
export function clientNetworks(address: string, limits = DEFAULT_LIMITS): ClientNetwork[] {
  return namesOf(address).map((name) => ({ name, ...limitsOf(name, limits) }));
}

/** @param network its name, as {@link clientNetworks} gives it */
export function limitsOf(
  network: string,
  { maxFailuresPerAccount, maxFailures }: NetworkLimits,
): NetworkLimits {
  const size = IPV6_SIZES.find(({ prefixBits }) => network.endsWith(`/${prefixBits}`));
  return {
    maxFailuresPerAccount: maxFailuresPerAccount * (size?.timesPerAccount ?? 1),
    maxFailures: maxFailures * (size?.times ?? 1),
  };
}

/**
 * @returns the names of the networks that an operator means by an address or a network; null for anything
 * else
 */
export function networksNamed(text: string): string[] | null {
  if (ipaddr.isValid(text)) return namesOf(text);
  if (!ipaddr.IPv6.isValidCIDR(text)) return null;
  const [address, prefixBits] = ipaddr.IPv6.parseCIDR(text);
  const name = namesOf(address.toString()).find((each) => each.endsWith(`/${prefixBits}`));
  return name === undefined ? null : [name];
}

function namesOf(address: string): string[] {
  const withoutZone = address.replace(/%.*$/, '');
  if (!ipaddr.isValid(withoutZone)) return [address];
  const parsed = ipaddr.process(withoutZone);
  if (parsed.kind() === 'ipv4') return [parsed.toString()];
  return IPV6_SIZES.map(
    ({ prefixBits }) => `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed}/${prefixBits}`)}/${prefixBits}`,
  );
}
