/** Composes the SSO service: creates every part, and mounts every route in flow order. */
import { openKeyRing, type SealingKeys, SessionCookie } from '@samesite-sso/core';
import { COOKIES, LOGOUT_TOKEN_SECONDS } from '@samesite-sso/protocol';
import { API_CSP, createWebServer, health, securityHeaders, trustedProxies } from '@samesite-sso/server';
import type { FastifyInstance } from 'fastify';
import { accountPage } from './account-page/account-page-routes.ts';
import { AuthenticatorEnrollment } from './accounts/factors/authenticator-enrollment.ts';
import { openAuthenticatorSecrets } from './accounts/factors/authenticator-secrets.ts';
import { CodeCheck } from './accounts/factors/code-check.ts';
import { PasswordHasher } from './accounts/hashing/hasher.ts';
import { PasswordQueue } from './accounts/hashing/password-queue.ts';
import { Login } from './accounts/login.ts';
import { LoginThrottle } from './accounts/login-throttle.ts';
import { RefusedSignIns } from './accounts/refused-sign-ins.ts';
import type { Config } from './config.ts';
import { crossOriginEndpoint } from './cross-origin/cross-origin-endpoint.ts';
import { discovery } from './discovery.ts';
import { LogoutDelivery } from './logout/logout-delivery.ts';
import { openChallengeKey } from './passkeys/challenge-key.ts';
import { PasskeyAuthentication } from './passkeys/passkey-authentication.ts';
import { Challenges } from './passkeys/passkey-challenge.ts';
import { PasskeyRegistration } from './passkeys/passkey-registration.ts';
import { requireSameRpId, toRpId } from './passkeys/rp-id.ts';
import { AppRegistry } from './registry/app-registry.ts';
import { GroupReviews } from './registry/group-reviews.ts';
import { NarrowedAccess } from './registry/narrowed-access.ts';
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
  const rpId = toRpId(origin);
  const { keys, challengeKey, secrets } = await openSecrets(stores, {
    rpId,
    sealing,
    tokenSeconds,
    clock,
    warn,
  });
  const { accounts, factors, passkeys, audit, invitations } = stores;
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
  const codeCheck = new CodeCheck(factors, secrets, clock);
  const login = new Login({ accounts, hasher, queue, throttle, refusedSignIns, codeCheck });

  const enrollment = new AuthenticatorEnrollment({ factors, secrets, throttle, clock, siteName: rpId });

  const ceremonies = { passkeys, challenges: new Challenges(challengeKey, clock), clock, rpId };
  const passkeyAuthentication = new PasskeyAuthentication({ ...ceremonies, throttle, refusedSignIns, audit });
  const passkeyRegistration = new PasskeyRegistration({ ...ceremonies, origin });

  for (const warning of warnings) log.warn(warning);
  await server.register(trustedProxies, { origin, trustedProxies: config.trustedProxies });
  await server.register(securityHeaders, { origin, csp: API_CSP });

  // Steps 2, 3 and 5.
  await server.register(crossOriginEndpoint, {
    registry,
    cookie,
    sessions,
    tokens,
    factors,
    login,
    passkeyAuthentication,
  });
  // Step 4, called by apps' servers.
  await server.register(introspectionEndpoint, { clients, registry, sessions, tokens });
  // Signing out at an app, called by apps' servers.
  await server.register(endSessionEndpoint, { clients, sessions });
  await server.register(discovery, { origin, keys });
  // The account page, on the SSO origin only.
  await server.register(accountPage, {
    origin,
    registry,
    cookie,
    sessions,
    clock,
    accounts,
    login,
    hasher,
    queue,
    contextWords,
    factors,
    enrollment,
    passkeys,
    passkeyAuthentication,
    passkeyRegistration,
    rpId,
    invitations,
  });
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
  const narrowedAccess = new NarrowedAccess({ registry, stores, clock, log });
  const groupReviews = new GroupReviews({ registry, groups: stores.groups, clock, log });
  const registryRecord = new RegistryRecord(instance, stores.registry, registry, clock);
  const registryWork = { registry, removedApps, narrowedAccess, groupReviews, registryRecord };
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

interface OpenOptions {
  rpId: string;
  sealing: SealingKeys | null;
  tokenSeconds: number;
  clock: () => number;
  warn: (message: string) => void;
}

/** Checks the RP ID of passkeys, and opens the keys and secrets. If one of them fails, closes the stores. */
async function openSecrets(stores: Stores, { rpId, sealing, tokenSeconds, ...options }: OpenOptions) {
  try {
    await requireSameRpId(stores.passkeys, rpId);
    const challengeKey = await openChallengeKey(stores.serviceSecrets, sealing);
    const secrets = await openAuthenticatorSecrets(stores.factors, sealing);
    const longestSeconds = Math.max(tokenSeconds, LOGOUT_TOKEN_SECONDS);
    const keys = await openKeyRing(stores.signingKeys(null), { tokenSeconds: longestSeconds, ...options });
    return { challengeKey, secrets, keys };
  } catch (error) {
    await stores.close();
    throw error;
  }
}
