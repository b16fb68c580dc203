/** Encodes the few kinds of CBOR (RFC 8949) that authenticators send. */

export type Cbor = number | string | Buffer | Cbor[] | CborMap;
export type CborMap = Map<number | string, Cbor>;

/** @returns a map with its members in this order */
export function cborMap(...entries: [number | string, Cbor][]): CborMap {
  return new Map(entries);
}

export function encodeCbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(encodeCbor)]);
  const entries = [...value].flatMap(([key, member]) => [encodeCbor(key), encodeCbor(member)]);
  return Buffer.concat([head(5, value.size), ...entries]);
}

/** The major type and the argument (RFC 8949, section 3). */
function head(majorType: number, argument: number): Buffer {
  const type = majorType * 32;
  if (argument < 24) return Buffer.from([type + argument]);
  if (argument < 2 ** 8) return Buffer.from([type + 24, argument]);
  return Buffer.from([type + 25, argument >> 8, argument % 256]);
}
