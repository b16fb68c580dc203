/** Tells load balancers and supervisors whether the process runs, and whether it can serve. */
import { HttpProblem } from '@samesite-sso/core';
import fastifyPlugin from 'fastify-plugin';

const [LIVE, READY] = ['/livez', '/readyz'];
export const HEALTH_PATHS: readonly string[] = [LIVE, READY];

/**
 * Adds `/livez` (200 while the process runs) and `/readyz` (200 while it can serve and isn't about to stop,
 * otherwise 503). They are requested every few seconds, so they aren't logged.
 */
export const health = fastifyPlugin<{ isReady: () => Promise<boolean> }>(
  async (server, { isReady }) => {
    server.get(LIVE, { logLevel: 'silent' }, async () => ({ status: 'alive' }));
    server.get(READY, { logLevel: 'silent' }, async () => {
      if (server.isDraining() || !(await isReady()))
        throw new HttpProblem('unavailable', { logReason: 'not ready' });
      return { status: 'ready' };
    });
  },
  { name: 'health', fastify: '5.x', dependencies: ['problem-responses', 'graceful-close'] },
);
