/** Where a request comes from, as the person who made it would recognise it. */
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

export interface Client {
  /** The IP address. */
  address: string;
  /** What the browser calls itself, cut to a length that any real one keeps; empty if it says nothing. */
  userAgent: string;
  /** Whether the client has closed its connection: then no answer will reach it. */
  hasLeft(): boolean;
}

const LONGEST_USER_AGENT = 256;

export function readClient(request: FastifyRequest): Client {
  const userAgent = request.headers['user-agent'] ?? '';
  const { socket } = request;
  return {
    address: readAddress(request),
    userAgent: userAgent.slice(0, LONGEST_USER_AGENT),
    // A client that ends its side ends ours too: Node's HTTP server keeps no half-open connection.
    hasLeft: () => socket.destroyed,
  };
}

/**
 * The client's IP address, as far as trusted proxies vouch for it; some name its port, too. What they name but is no
 * address is not believed: then it is whoever connected. An IPv4 address has one notation, on whatever socket it came.
 */
export function readAddress({ ip, socket }: Pick<FastifyRequest, 'ip' | 'socket'>): string {
  const [, withPort = ip] = /^\[?([^[\]]+?)\]?:\d+$/.exec(isIP(ip) === 0 ? ip : '') ?? [];
  const address = isIP(withPort) === 0 ? (socket.remoteAddress ?? '') : withPort;
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
