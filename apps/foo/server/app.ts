/** A relying app as a Fastify app: the plugin's endpoints, one protected example, and the page. */
import { relyingApp } from '@samesite-sso/relying-app';
import { createWebServer, health, securityHeaders } from '@samesite-sso/server';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';

/** Serves the page: built from `page.ts`, or live from `dev.ts`. */
export interface PageServer {
  (app: FastifyInstance, config: Config): Promise<void>;
  /** The directives of the Content-Security-Policy that the page needs. */
  content(config: Config): Record<string, string[]>;
}

/**
 * @param clock the time, in milliseconds since the epoch
 * @throws {ConfigError} when the config or the database cannot be used
 */
export async function buildApp(
  config: Config,
  servePage: PageServer,
  clock: () => number = Date.now,
): Promise<FastifyInstance> {
  const app = await createWebServer(config);
  await app.register(securityHeaders, { origin: config.origin, csp: servePage.content(config) });
  const { origin, ssoOrigin, ssoServerUrl, database, sessionSeconds } = config;
  await app.register(relyingApp, { origin, ssoOrigin, ssoServerUrl, database, sessionSeconds, clock }); // Steps 1 and 4.

  app.get('/api/me', async (request, reply) => {
    reply.header('Cache-Control', 'no-store'); // Of a refusal, too.
    const { account, startedAt, endsAt } = await app.sso.requireSession(request);
    const session = { startedAt: new Date(startedAt).toISOString(), endsAt: new Date(endsAt).toISOString() };
    return { account, session };
  });

  await app.register(health, { isReady: () => app.sso.isReady() });
  await servePage(app, config);
  return app;
}
