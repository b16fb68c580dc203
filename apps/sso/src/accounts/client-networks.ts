/**
 * The networks that a client's address belongs to. A client has a whole IPv6 /64, and a rented server may
 * have a /56 or a /48. Each size has its own limits, so that more addresses don't allow more guesses.
 */
import { isIP, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { FailureLimits, NetworkLimits } from '../storage/stores.ts';

/** The limits of an IPv4 address and of a /64, unless configured. */
export const DEFAULT_LIMITS: NetworkLimits = { maxFailuresPerAccount: 10, maxFailures: 300 };

/**
 * Stands for all networks together: somebody with an account's password could guess its codes from many
 * addresses. No client address maps to it.
 */
export const ANY_ADDRESS = 'any address';

/** How many codes of one account may be wrong within the window, wherever they come from. */
export const CODE_LIMITS: NetworkLimits = {
  maxFailuresPerAccount: 10,
  maxFailures: Number.MAX_SAFE_INTEGER,
};

/** The IPv6 prefixes, widest first, and the factors by which the limits of a /64 are multiplied. */
const IPV6_SIZES = [
  { prefixBits: 48, accountFactor: 10, factor: 4 },
  { prefixBits: 56, accountFactor: 3, factor: 2 },
  { prefixBits: 64, accountFactor: 1, factor: 1 },
] as const;

/** @returns the networks of an address with their limits, widest first */
export function clientNetworks(address: string, limits = DEFAULT_LIMITS): FailureLimits['networks'] {
  return toNetworkNames(address).map((name) => ({ name, ...limitsOf(name, limits) }));
}

/** @param network its name, see {@link toNetworkNames}, or {@link ANY_ADDRESS} */
export function limitsOf(
  network: string,
  { maxFailuresPerAccount, maxFailures }: NetworkLimits,
): NetworkLimits {
  if (network === ANY_ADDRESS) return CODE_LIMITS;
  const size = IPV6_SIZES.find(({ prefixBits }) => network.endsWith(`/${prefixBits}`));
  return {
    maxFailuresPerAccount: maxFailuresPerAccount * (size?.accountFactor ?? 1),
    maxFailures: maxFailures * (size?.factor ?? 1),
  };
}

/**
 * Checks with Node, which is strict. ipaddr.js accepts the shorthands of `inet_aton`: "5" means 0.0.0.5.
 *
 * @returns the names of the networks of an address or a network, or null if the text is neither
 */
export function parseNetworks(text: string): string[] | null {
  if (isIP(text) !== 0) return toNetworkNames(text);
  const [, address = '', prefixBits] = /^([^/]+)\/(\d+)$/.exec(text) ?? [];
  if (!isIPv6(address)) return null;
  const name = toNetworkNames(address).find((each) => each.endsWith(`/${prefixBits}`));
  return name === undefined ? null : [name];
}

/** @returns the IPv4 address itself, also if it is IPv4-mapped; or IPv6 networks as CIDR, widest first */
export function toNetworkNames(address: string): string[] {
  const withoutZone = address.replace(/%.*$/, '');
  if (!ipaddr.isValid(withoutZone)) return [address];
  const parsed = ipaddr.process(withoutZone);
  if (parsed.kind() === 'ipv4') return [parsed.toString()];
  return IPV6_SIZES.map(
    ({ prefixBits }) => `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed}/${prefixBits}`)}/${prefixBits}`,
  );
}
