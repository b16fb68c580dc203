/** CSRF protection: browsers send `Origin` with each request that can change data. No page can forge it. */
import type { FastifyRequest } from 'fastify';
import { HttpProblem } from '../problem/http-problem.ts';

const MAX_LOGGED_LENGTH = 200;

/** @throws {HttpProblem} `origin-not-allowed` unless the request's `Origin` is the server's own */
export function requireSameOrigin(request: FastifyRequest, origin: string): void {
  if (request.headers.origin === origin) return;
  throw new HttpProblem('origin-not-allowed', {
    logReason: `origin ${request.headers.origin?.slice(0, MAX_LOGGED_LENGTH)}`,
  });
}
