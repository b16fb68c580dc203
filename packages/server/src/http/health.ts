/** Tells load balancers and supervisors whether the process runs, and whether it can serve. */
import { HttpProblem } from '@samesite-sso/core';
import fastifyPlugin from 'fastify-plugin';

/**
 * Adds `/livez` (200 while the process runs) and `/readyz` (200 while it can serve, otherwise 503). They are
 * requested every few seconds, so they aren't logged.
 */
export const health = fastifyPlugin<{ isReady: () => Promise<boolean> }>(
  async (server, { isReady }) => {
    server.get('/livez', { logLevel: 'silent' }, async () => ({ status: 'alive' }));
    server.get('/readyz', { logLevel: 'silent' }, async () => {
      if (!(await isReady())) throw new HttpProblem('unavailable', { logReason: 'not ready' });
      return { status: 'ready' };
    });
  },
  { name: 'health', fastify: '5.x', dependencies: ['problem-responses'] },
);
