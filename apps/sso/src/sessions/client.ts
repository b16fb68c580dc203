/** Where a request comes from, as the person who made it would recognise it. */
import type { FastifyRequest } from 'fastify';

export interface Client {
  /** The IP address. */
  address: string;
  /** What the browser calls itself, cut to a length that any real one keeps; empty if it says nothing. */
  userAgent: string;
}

const LONGEST_USER_AGENT = 256;

export function clientOf({ ip, headers }: FastifyRequest): Client {
  return { address: ip, userAgent: (headers['user-agent'] ?? '').slice(0, LONGEST_USER_AGENT) };
}
