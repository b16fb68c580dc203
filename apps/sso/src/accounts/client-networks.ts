/**
 * The networks that a client address belongs to. One client has a whole IPv6 /64, and a rented server may
 * come with a /56 or a /48: each size has limits of its own, so that more addresses don't mean more guesses.
 */
import { isIP, isIPv6 } from 'node:net';
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

/** The sizes of IPv6 networks, the widest first, and how many times the limits of a /64 apply to each. */
const IPV6_SIZES = [
  { prefixBits: 48, accountFactor: 10, factor: 4 },
  { prefixBits: 56, accountFactor: 3, factor: 2 },
  { prefixBits: 64, accountFactor: 1, factor: 1 },
] as const;

/** @returns the networks of an address, the widest first; an IPv4-mapped IPv6 address is the IPv4 address */
export function clientNetworks(address: string, limits = DEFAULT_LIMITS): ClientNetwork[] {
  return networkNames(address).map((name) => ({ name, ...limitsOf(name, limits) }));
}

/** @param network its name, as {@link clientNetworks} gives it */
export function limitsOf(
  network: string,
  { maxFailuresPerAccount, maxFailures }: NetworkLimits,
): NetworkLimits {
  const size = IPV6_SIZES.find(({ prefixBits }) => network.endsWith(`/${prefixBits}`));
  return {
    maxFailuresPerAccount: maxFailuresPerAccount * (size?.accountFactor ?? 1),
    maxFailures: maxFailures * (size?.factor ?? 1),
  };
}

/**
 * Node's check is strict. That of ipaddr.js also takes the shorthands of `inet_aton`, so the username "5"
 * would be the address 0.0.0.5.
 *
 * @returns the names of the networks that an address or a network stands for, or null if the text is neither
 */
export function parseNetworks(text: string): string[] | null {
  if (isIP(text) !== 0) return networkNames(text);
  const [, address = '', prefixBits] = /^([^/]+)\/(\d+)$/.exec(text) ?? [];
  if (!isIPv6(address)) return null;
  const name = networkNames(address).find((each) => each.endsWith(`/${prefixBits}`));
  return name === undefined ? null : [name];
}

function networkNames(address: string): string[] {
  const withoutZone = address.replace(/%.*$/, '');
  if (!ipaddr.isValid(withoutZone)) return [address];
  const parsed = ipaddr.process(withoutZone);
  if (parsed.kind() === 'ipv4') return [parsed.toString()];
  return IPV6_SIZES.map(
    ({ prefixBits }) => `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed}/${prefixBits}`)}/${prefixBits}`,
  );
}
