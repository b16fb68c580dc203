/** The demo app as a Fastify server: the plugin's endpoints, one protected route, and the page. */
import { relyingApp } from '@samesite-sso/relying-app';
import { createWebServer, health, securityHeaders } from '@samesite-sso/server';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';

/** Serves the page: the built one (`page.ts`) or Vite's live one (`dev.ts`). */
export interface PageServer {
  (app: FastifyInstance, config: Config): Promise<void>;
  /** The Content-Security-Policy directives that the page needs. */
  content(config: Config): Record<string, string[]>;
}

/**
 * @param clock the current time in milliseconds since the epoch
 * @throws {ConfigError} when the config or the database can't be used
 */
export async function buildApp(
  config: Config,
  servePage: PageServer,
  clock: () => number = Date.now,
): Promise<FastifyInstance> {
  const app = await createWebServer(config);
  await app.register(securityHeaders, { origin: config.origin, csp: servePage.content(config) });
  // Steps 1 and 4.
  const { origin, ssoOrigin, ssoServerUrl, database, sessionSeconds } = config;
  await app.register(relyingApp, { origin, ssoOrigin, ssoServerUrl, database, sessionSeconds, clock });

  app.get('/api/me', async (request, reply) => {
    reply.header('Cache-Control', 'no-store'); // Set first, so that a 401 has it, too.
    const { account, startedAt, endsAt } = await app.sso.requireSession(request);
    const session = { startedAt: new Date(startedAt).toISOString(), endsAt: new Date(endsAt).toISOString() };
    return { account, session };
  });

  await app.register(health, { isReady: () => app.sso.isReady() });
  await servePage(app, config);
  return app;
}
