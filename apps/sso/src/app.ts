/** Composes the SSO service: creates every part, and mounts every route in flow order. */
import { randomUUID } from 'node:crypto';
import { openKeyRing, SessionCookie } from '@samesite-sso/core';
import { COOKIES, LOGOUT_TOKEN_SECONDS } from '@samesite-sso/protocol';
import { API_CSP, createWebServer, health, securityHeaders, trustedProxies } from '@samesite-sso/server';
import type { FastifyInstance } from 'fastify';
import { accountPage } from './account-page/account-page-routes.ts';
import { PasswordHasher } from './accounts/hashing/hasher.ts';
import { PasswordQueue } from './accounts/hashing/password-queue.ts';
import { Login } from './accounts/login.ts';
import { LoginThrottle } from './accounts/login-throttle.ts';
import { RefusedSignIns } from './accounts/refused-sign-ins.ts';
import type { Config } from './config.ts';
import { crossOriginEndpoint } from './cross-origin/cross-origin-endpoint.ts';
import { discovery } from './discovery.ts';
import { LogoutDelivery } from './logout/logout-delivery.ts';
import { ClientAuthenticator } from './server-to-server/client-authentication.ts';
import { endSessionEndpoint } from './server-to-server/end-session-endpoint.ts';
import { introspectionEndpoint } from './server-to-server/introspection-endpoint.ts';
import { AuthenticationTokens } from './sessions/authentication-tokens.ts';
import { SsoSessions } from './sessions/sso-sessions.ts';
import { Readiness } from './sign-in-readiness.ts';
import { Housekeeping } from './sso-housekeeping.ts';
import { openSqliteStores } from './storage/sqlite/sqlite-stores.ts';

/**
 * @param clock the time in milliseconds since the epoch
 * @param sharedHasher verifies passwords instead of the service's own hasher; the service doesn't close it
 * @throws {ConfigError} if the database or the keys can't be used
 */
export async function createSsoService(
  config: Config,
  clock: () => number = Date.now,
  sharedHasher?: PasswordHasher,
): Promise<FastifyInstance> {
  const { origin, apps, tokenSeconds, contextWords, auditDays } = config;
  const server = await createWebServer(config);
  const { log } = server;

  const stores = openSqliteStores(config.database);
  const keys = await openKeyRing(config.database, {
    tokenSeconds: Math.max(tokenSeconds, LOGOUT_TOKEN_SECONDS),
    clock,
    warn: (message) => log.warn(message),
  });
  const { accounts } = stores;
  const cookie = new SessionCookie(COOKIES.sso);
  const sessions = new SsoSessions(stores.sessions, clock, config);
  const tokens = new AuthenticationTokens({
    store: stores.tokens,
    keys,
    clock,
    issuer: origin,
    tokenSeconds,
  });
  const clients = new ClientAuthenticator(stores.clientAssertions, clock, { apps, issuer: origin });

  const hasher = sharedHasher ?? new PasswordHasher((message) => log.warn(message));
  const queue = new PasswordQueue();
  const throttle = new LoginThrottle(stores.loginFailures, clock, config.failureLimits);
  const refusedSignIns = new RefusedSignIns(stores.audit, clock);
  const login = new Login({ accounts, hasher, queue, throttle, refusedSignIns });

  for (const warning of config.warnings) log.warn(warning);
  await server.register(trustedProxies, { origin, trustedProxies: config.trustedProxies });
  await server.register(securityHeaders, { origin, csp: API_CSP });

  // Steps 2, 3 and 5.
  await server.register(crossOriginEndpoint, { apps, cookie, sessions, tokens, login });
  // Step 4, called by apps' servers.
  await server.register(introspectionEndpoint, { clients, sessions, tokens });
  // Signing out at an app, called by apps' servers.
  await server.register(endSessionEndpoint, { clients, sessions });
  await server.register(discovery, { origin, keys });
  // The account page, on the SSO origin only.
  const passwords = { accounts, login, hasher, queue, contextWords };
  await server.register(accountPage, { origin, apps, cookie, sessions, clock, ...passwords });
  const readiness = new Readiness(hasher, stores);
  await server.register(health, { isReady: () => readiness.isReady() });

  const delivery = new LogoutDelivery(stores.logoutNotices, { apps, issuer: origin, keys, clock, log });
  const work = { sessions, delivery, refusedSignIns };
  const housekeeping = new Housekeeping({ stores, ...work, clock, auditDays, log });
  const instance = randomUUID();
  server.addHook('onListen', async () => {
    housekeeping.start();
    await stores.loadedRegistry.record(instance, apps, clock());
  });
  server.addHook('onClose', async () => {
    await housekeeping.stop();
    await stores.loadedRegistry.clear(instance).catch(() => {}); // The next start replaces the record.
    if (hasher !== sharedHasher) hasher.close();
    stores.close();
  });
  return server;
}
