/** Composes the SSO service: creates every part, and mounts every route in flow order. */
import { type KeyRing, openKeyRing, SessionCookie } from '@samesite-sso/core';
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
import { AppRegistry } from './registry/app-registry.ts';
import { nameInstance, RegistryRecord } from './registry/registry-record.ts';
import { RemovedApps } from './registry/removed-apps.ts';
import { ClientAuthenticator } from './server-to-server/client-authentication.ts';
import { endSessionEndpoint } from './server-to-server/end-session-endpoint.ts';
import { introspectionEndpoint } from './server-to-server/introspection-endpoint.ts';
import { AuthenticationTokens } from './sessions/authentication-tokens.ts';
import { SsoSessions } from './sessions/sso-sessions.ts';
import { Readiness } from './sign-in-readiness.ts';
import { Housekeeping } from './sso-housekeeping.ts';
import { openStores } from './storage/open-stores.ts';
import type { Stores } from './storage/stores.ts';

/**
 * @param givenClock the time in milliseconds since the epoch, if not that of the system
 * @param sharedHasher verifies passwords instead of the service's own hasher; the service doesn't close it
 * @throws {ConfigError} if the database or the keys can't be used
 */
export async function createSsoService(
  config: Config,
  givenClock?: () => number,
  sharedHasher?: PasswordHasher,
): Promise<FastifyInstance> {
  const { origin, tokenSeconds, contextWords, auditDays } = config;
  const server = await createWebServer(config);
  const { log } = server;

  const clock = givenClock ?? Date.now;
  const warn = (message: string) => log.warn(message);
  const { database, sealing } = config;
  const options = { sealing, warn, isServing: true, ...(givenClock && { clock }) };
  const stores = await openStores(database, options);
  const keys = await openKeys(stores, { tokenSeconds, clock, warn });
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
  const { registryFile, apps, warnings } = config;
  const registry = new AppRegistry({ file: registryFile, ssoOrigin: origin, apps, warnings, clock, log });
  server.decorate('reload', () => registry.reload());
  const clients = new ClientAuthenticator(stores.clientAssertions, clock, { registry, issuer: origin });

  const hasher = sharedHasher ?? new PasswordHasher(warn);
  const queue = new PasswordQueue();
  const throttle = new LoginThrottle(stores.loginFailures, clock, config.failureLimits);
  const refusedSignIns = new RefusedSignIns(stores.audit, clock);
  const login = new Login({ accounts, hasher, queue, throttle, refusedSignIns });

  for (const warning of warnings) log.warn(warning);
  await server.register(trustedProxies, { origin, trustedProxies: config.trustedProxies });
  await server.register(securityHeaders, { origin, csp: API_CSP });

  // Steps 2, 3 and 5.
  await server.register(crossOriginEndpoint, { registry, cookie, sessions, tokens, login });
  // Step 4, called by apps' servers.
  await server.register(introspectionEndpoint, { clients, sessions, tokens });
  // Signing out at an app, called by apps' servers.
  await server.register(endSessionEndpoint, { clients, sessions });
  await server.register(discovery, { origin, keys });
  // The account page, on the SSO origin only.
  const passwords = { accounts, login, hasher, queue, contextWords };
  await server.register(accountPage, { origin, registry, cookie, sessions, clock, ...passwords });
  const readiness = new Readiness(hasher, stores);
  await server.register(health, { isReady: () => readiness.isReady() });

  const instance = nameInstance();
  const delivery = new LogoutDelivery(stores.logoutNotices, {
    holder: instance,
    registry,
    findServers: () => stores.registry.servers(),
    issuer: origin,
    keys,
    clock,
    log,
  });
  const removedApps = new RemovedApps({ registry, stores, clock, log });
  const registryRecord = new RegistryRecord(instance, stores.registry, registry, clock);
  const registryWork = { registry, removedApps, registryRecord };
  const work = { sessions, delivery, refusedSignIns, ...registryWork };
  const housekeeping = new Housekeeping({ stores, ...work, clock, auditDays, log });
  server.addHook('onListen', async () => housekeeping.start());
  server.addHook('onClose', async () => {
    await housekeeping.stop();
    await registryRecord.clear().catch(() => {}); // It expires.
    if (hasher !== sharedHasher) hasher.close();
    await keys.close();
    await stores.close();
  });
  return server;
}

/** Opens the signing keys. Without them there is no service, so the stores are closed. */
async function openKeys(
  stores: Stores,
  {
    tokenSeconds,
    ...options
  }: { tokenSeconds: number; clock: () => number; warn: (message: string) => void },
): Promise<KeyRing> {
  try {
    const longestSeconds = Math.max(tokenSeconds, LOGOUT_TOKEN_SECONDS);
    return await openKeyRing(stores.signingKeys(null), { tokenSeconds: longestSeconds, ...options });
  } catch (error) {
    await stores.close();
    throw error;
  }
}
