/** Ranges of IP addresses, as an operator names them: single ones, and networks in CIDR notation. */
import { BlockList, isIP, SocketAddress } from 'node:net';

export class AddressRanges {
  readonly #list = new BlockList();

  /** @param entries addresses and networks without a fault */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const { address, family, bits } = parse(entry);
      this.#list.addSubnet(address, bits, family);
    }
    // A process on this machine connects from either, depending on how it resolves the name of the other end.
    if (LOOPBACK.some((address) => this.includes(address))) {
      for (const address of LOOPBACK) this.#list.addAddress(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
    }
  }

  /**
   * Whether an address is within one of them; an IPv4 address may come in the notation of IPv6. The loopback
   * addresses 127.0.0.1 and ::1 are one: where one is within, so is the other.
   */
  includes(address: string | undefined): boolean {
    const version = isIP(address ?? '');
    return version !== 0 && this.#list.check(address as string, version === 4 ? 'ipv4' : 'ipv6');
  }
}

const LOOPBACK = ['127.0.0.1', '::1'];

/** The widest private networks are 10.0.0.0/8 and fc00::/7. What is wider is trust in strangers. */
const FEWEST_BITS = { ipv4: 8, ipv6: 7 };
const MOST_BITS = { ipv4: 32, ipv6: 128 };

/** What is wrong with an entry that an operator wrote, in words, or null. */
export function rangeFault(entry: string): string | null {
  const { address, family, bits } = parse(entry);
  if (isIP(address) === 0 || new SocketAddress({ address, family }).address !== address) {
    return 'is no IP address in canonical form, nor a network such as 10.1.0.0/16';
  }
  if (!(bits <= MOST_BITS[family])) return `has no number of bits from ${FEWEST_BITS[family]} up`;
  if (bits < FEWEST_BITS[family]) return 'is wider than any private network: it would trust strangers';
  // All of IPv4 hides within IPv6, below `::ffff:0:0`: a network there would be wider than it looks.
  if (
    address.startsWith('::ffff:') ||
    (family === 'ipv6' && new AddressRanges([entry]).includes('0.0.0.0'))
  ) {
    return 'covers IPv4 in the notation of IPv6: write it as IPv4';
  }
  return null;
}

function parse(entry: string): { address: string; family: 'ipv4' | 'ipv6'; bits: number } {
  const slash = entry.indexOf('/');
  const address = slash === -1 ? entry : entry.slice(0, slash);
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  const digits = slash === -1 ? String(MOST_BITS[family]) : entry.slice(slash + 1);
  return { address, family, bits: /^(0|[1-9]\d*)$/.test(digits) ? Number(digits) : Number.NaN };
}
