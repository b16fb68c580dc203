/** Forgets expired rows once a minute. Nothing depends on it but the size of the database. */
import type { FastifyInstance } from 'fastify';
import { LOGIN_LIMITS } from './accounts/login-throttle.ts';
import type { SsoSessions } from './sessions/sso-sessions.ts';
import type { Stores } from './storage/stores.ts';

const INTERVAL = 60_000;

export function sweepRegularly(
  app: FastifyInstance,
  stores: Stores,
  sessions: SsoSessions,
  clock: () => number,
): void {
  const timer = setInterval(() => {
    const now = clock();
    const failuresSince = now - LOGIN_LIMITS.windowMilliseconds;
    stores
      .sweep({ now, idleSince: sessions.idleSince, failuresSince })
      .catch((error: Error & { detail?: string }) =>
        app.log.error({ reason: error.detail ?? error.message }, 'sweep failed'),
      );
  }, INTERVAL).unref();
  app.addHook('onClose', async () => clearInterval(timer));
}
