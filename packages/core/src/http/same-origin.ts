/** The defence against requests that another origin makes in a signed-in person's name. */
import type { FastifyRequest } from 'fastify';
import { HttpProblem } from '../problem/http-problem.ts';

/**
 * Browsers state `Origin` on every request that can change something, and no script can forge it.
 *
 * @throws {HttpProblem} `origin-not-allowed` unless it is stated and is the server's own
 */
export function requireSameOrigin(request: FastifyRequest, origin: string): void {
  if (request.headers.origin === origin) return;
  throw new HttpProblem('origin-not-allowed', {
    logReason: `origin ${request.headers.origin?.slice(0, 200)}`,
  });
}
