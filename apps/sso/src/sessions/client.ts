/** The client of a request, for the audit trail, the throttle and the list of sessions. */
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

export interface Client {
  /** The IP address. */
  address: string;
  /** The `User-Agent` header, truncated; empty without one. */
  userAgent: string;
  /** Whether the client has closed its connection, so that no response will reach it. */
  hasDisconnected(): boolean;
}

/** Real browsers send less. */
const MAX_USER_AGENT_LENGTH = 256;

export function readClient(request: FastifyRequest): Client {
  const { socket, headers } = request;
  return {
    address: readAddress(request),
    userAgent: (headers['user-agent'] ?? '').slice(0, MAX_USER_AGENT_LENGTH),
    // When a client closes its side, Node closes ours too: its HTTP server keeps no half-open connections.
    hasDisconnected: () => socket.destroyed,
  };
}

/**
 * The client's IP address as trusted proxies report it, some of them with a port. If a proxy reports
 * something else, the peer's address is used. IPv4-mapped IPv6 addresses become IPv4, so that a client has
 * one address on every socket.
 */
export function readAddress({ ip, socket }: Pick<FastifyRequest, 'ip' | 'socket'>): string {
  const [, withoutPort = ip] = /^\[?([^[\]]+?)\]?:\d+$/.exec(isIP(ip) === 0 ? ip : '') ?? [];
  const address = isIP(withoutPort) === 0 ? (socket.remoteAddress ?? '') : withoutPort;
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
