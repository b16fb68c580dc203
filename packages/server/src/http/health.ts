/** Whether a process runs, and whether it can serve: for whoever starts and watches it. */

import { HttpProblem } from '@samesite-sso/core';
import type { FastifyInstance } from 'fastify';

/**
 * Adds `/livez` (200 while it runs) and `/readyz` (200 while it can serve, 503 otherwise), for GET and HEAD.
 * They are asked every few seconds, so they log no line of their own.
 */
export function answerHealth(app: FastifyInstance, isReady: () => Promise<boolean>): void {
  app.get('/livez', { logLevel: 'silent' }, async () => ({ status: 'alive' }));
  app.get('/readyz', { logLevel: 'silent' }, async () => {
    if (!(await isReady())) throw new HttpProblem('unavailable', { logReason: 'not ready' });
    return { status: 'ready' };
  });
}
