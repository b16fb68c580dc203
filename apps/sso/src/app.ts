/** The SSO service as a Fastify app: everything it answers, mounted in flow order. */
import cookie from '@fastify/cookie';
import {
  API_CONTENT,
  addSecurityHeaders,
  answerHealth,
  createWebServer,
  openKeyRing,
} from '@samesite-sso/service';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';
import { crossOriginEndpoint } from './cross-origin/endpoint.ts';
import { discovery } from './discovery.ts';
import { introspectionEndpoint } from './introspection/endpoint.ts';
import { PasswordHasher } from './passwords/hasher.ts';
import { createService } from './service.ts';
import { openSqliteStores } from './storage/sqlite/sqlite-stores.ts';
import { sweepRegularly } from './sweeper.ts';

/**
 * @param clock the time, in milliseconds since the epoch
 * @throws {StartFault} when the database or the keys cannot be used
 */
export async function buildApp(config: Config, clock: () => number = Date.now): Promise<FastifyInstance> {
  const stores = openSqliteStores(config.database);
  const keys = await openKeyRing(config.database);
  const hasher = new PasswordHasher();
  const service = createService(config, { stores, keys, hasher, clock });

  const app = createWebServer(config);
  for (const warning of config.warnings) app.log.warn(warning);
  await addSecurityHeaders(app, config.origin, API_CONTENT);
  await app.register(cookie);

  await app.register((scope) => crossOriginEndpoint(scope, service)); // Steps 2, 3 and 5.
  await app.register((scope) => introspectionEndpoint(scope, service)); // Step 4, server to server.
  await app.register((scope) => discovery(scope, service));
  answerHealth(app, () => stores.isReady());

  app.addHook('onListen', async () => void hasher.open());
  sweepRegularly(app, stores, service.sessions, clock);
  app.addHook('onClose', async () => {
    hasher.close();
    stores.close();
  });
  return app;
}
