/** The defence against requests that another origin makes in a signed-in person's name. */
import type { FastifyRequest } from 'fastify';
import { Refusal } from './refusal.ts';

/**
 * Browsers state `Origin` on every request that can change something, and no script can forge it.
 *
 * @throws {Refusal} `origin-not-allowed` unless it is stated and is the server's own
 */
export function requireOwnOrigin(request: FastifyRequest, origin: string): void {
  if (request.headers.origin === origin) return;
  throw new Refusal('origin-not-allowed', { detail: `origin ${request.headers.origin?.slice(0, 200)}` });
}
