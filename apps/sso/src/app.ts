/** The SSO service as a Fastify app: everything it answers, mounted in flow order. */
import { randomUUID } from 'node:crypto';
import { openKeyRing } from '@samesite-sso/core';
import { LOGOUT_TOKEN_SECONDS } from '@samesite-sso/protocol';
import {
  API_CONTENT,
  addSecurityHeaders,
  answerHealth,
  createWebServer,
  heedProxies,
} from '@samesite-sso/server';
import type { FastifyInstance } from 'fastify';
import { accountPage } from './account-page/account-page-routes.ts';
import { PasswordHasher } from './accounts/hashing/hasher.ts';
import type { Config } from './config.ts';
import { crossOriginEndpoint } from './cross-origin/cross-origin-endpoint.ts';
import { discovery } from './discovery.ts';
import { endSessionEndpoint } from './end-session/end-session-endpoint.ts';
import { Housekeeping } from './housekeeping.ts';
import { introspectionEndpoint } from './introspection/introspection-endpoint.ts';
import { LogoutDelivery } from './logout/logout-delivery.ts';
import { Readiness } from './readiness.ts';
import { createService } from './service.ts';
import { openSqliteStores } from './storage/sqlite/sqlite-stores.ts';

/**
 * @param clock the time, in milliseconds since the epoch
 * @throws {ConfigError} when the database or the keys cannot be used
 */
export async function buildApp(config: Config, clock: () => number = Date.now): Promise<FastifyInstance> {
  const app = createWebServer(config);
  const { log } = app;
  const stores = openSqliteStores(config.database);
  const keys = await openKeyRing(config.database, {
    tokenSeconds: Math.max(config.tokenSeconds, LOGOUT_TOKEN_SECONDS),
    clock,
    warn: (message) => log.warn(message),
  });
  const hasher = new PasswordHasher((message) => log.warn(message));
  const instance = randomUUID();
  const readiness = new Readiness(hasher, stores);
  const service = createService(config, { stores, keys, hasher, clock });

  for (const warning of config.warnings) log.warn(warning);
  heedProxies(app, config);
  await addSecurityHeaders(app, config.origin, API_CONTENT);

  await app.register((scope) => crossOriginEndpoint(scope, service)); // Steps 2, 3 and 5.
  await app.register((scope) => introspectionEndpoint(scope, service)); // Step 4, server to server.
  await app.register((scope) => endSessionEndpoint(scope, service)); // Signing out, server to server.
  await app.register((scope) => discovery(scope, service));
  await app.register((scope) => accountPage(scope, service)); // For the person, on this origin alone.
  answerHealth(app, () => readiness.isReady());

  const { sessions, refusedSignIns } = service;
  const delivery = new LogoutDelivery(stores.logoutNotices, {
    apps: config.apps,
    issuer: config.origin,
    keys,
    clock,
    log,
  });
  const upkeep = new Housekeeping({
    stores,
    sessions,
    delivery,
    refusedSignIns,
    clock,
    auditDays: config.auditDays,
    log,
  });

  app.addHook('onListen', async () => {
    hasher.open();
    upkeep.start();
    await stores.loadedRegistry.record(instance, config.apps, clock());
  });
  app.addHook('onClose', async () => {
    await upkeep.stop();
    await stores.loadedRegistry.clear(instance).catch(() => {}); // The next start replaces it.
    hasher.close();
    stores.close();
  });
  return app;
}
