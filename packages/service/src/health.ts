/** Whether a process runs, and whether it can serve: for whoever starts and watches it. */
import type { FastifyInstance } from 'fastify';
import { Refusal } from './refusal.ts';

/**
 * Adds `/livez` (200 while it runs) and `/readyz` (200 while it can serve, 503 otherwise), for GET and HEAD.
 * They are asked every few seconds, so they log no line of their own.
 */
export function answerHealth(app: FastifyInstance, isReady: () => Promise<boolean>): void {
  app.get('/livez', { logLevel: 'silent' }, async () => ({ status: 'alive' }));
  app.get('/readyz', { logLevel: 'silent' }, async () => {
    if (!(await isReady())) throw new Refusal('unavailable', { detail: 'not ready' });
    return { status: 'ready' };
  });
}
