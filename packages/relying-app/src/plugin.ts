/**
 * The plugin mounts the protocol's endpoints and decorates `app.sso` and `request.appSession`. Steps 1 and 4
 * are in `session-routes.ts`, single logout in `backchannel-logout-route.ts`, and the rules by which a
 * request's origin is accepted in `request-origin.ts`.
 */
import { HttpProblem, JWKS_CACHE_CONTROL, openKeyRing, remoteKeys, SessionCookie } from '@samesite-sso/core';
import { APP_PATHS, CLIENT_ASSERTION_MAX_SECONDS, COOKIES } from '@samesite-sso/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { AppSessions } from './app-sessions.ts';
import { backchannelLogoutRoute } from './backchannel-logout-route.ts';
import { enforceDemands, type SessionDemands, toAppSession, validateDemands } from './demands.ts';
import { Housekeeping, type SessionEndedListener } from './housekeeping.ts';
import { type RelyingAppOptions, validateOptions } from './options.ts';
import { isOriginAccepted, type RequestHead } from './request-origin.ts';
import { sessionRoutes } from './session-routes.ts';
import { SignOutDelivery } from './sign-out-delivery.ts';
import { SsoClient } from './sso-client.ts';
import type { AppSession, StoredAppSession } from './storage/app-store.ts';
import { openStore } from './storage/open-store.ts';
import { TokenVerifier } from './token-verifier.ts';

const DEFAULT_SESSION_SECONDS = 30 * 60;

export interface RelyingApp {
  /**
   * Resolves to the active app session of a request from an accepted origin. Use it as an `onRequest` hook,
   * or call it in a handler: each call looks up the session again, and `request.appSession` is its result.
   * The README lists the rules for `Origin`. A server that handles Node's `upgrade` event itself runs no
   * hooks: call it there with the `IncomingMessage`, before it accepts the handshake.
   *
   * @throws {HttpProblem} `origin-not-allowed` or `not-signed-in`; if the session doesn't meet the demands,
   *   `not-permitted`, or `insufficient-user-authentication`, which the page answers by `stepUp`
   * @throws {TypeError} if a demand is unknown or malformed, or if the request is missing
   */
  requireSession(request: RequestHead, demands?: SessionDemands): Promise<AppSession>;
  /** As an `onRequest` hook, without demands. */
  requireSession(request: FastifyRequest, reply: FastifyReply): Promise<AppSession>;
  /** For routes that also serve signed-out visitors: resolves to null where `requireSession` would throw. */
  findSession(request: RequestHead): Promise<AppSession | null>;
  /**
   * Calls the listener, within 5 s, with the `sid` of each SSO session that has no active session left at
   * this app after a sign-out here or elsewhere, a sign-in of another account, or expiry. Every process on
   * the database reports every end. Renewing a session doesn't end it.
   *
   * Close all connections of that `sid`. Record each connection right after `requireSession` returns, before
   * the next `await`; otherwise an end reported in between misses it.
   */
  onSessionEnded(listener: SessionEndedListener): void;
  /** Whether the app's database can be read and, after a failure, accepts writes again. */
  isReady(): Promise<boolean>;
}

declare module 'fastify' {
  interface FastifyInstance {
    sso: RelyingApp;
  }
  interface FastifyRequest {
    /** The app session that `requireSession` or `findSession` last found for this request; null before. */
    readonly appSession: AppSession | null;
  }
}

async function plugin(app: FastifyInstance, options: RelyingAppOptions): Promise<void> {
  validateOptions(options);
  const { origin, ssoOrigin, clock = Date.now, basePath: prefix = '' } = options;
  const { store, keys, position } = await open(app, options);
  const sessions = new AppSessions(store, clock, options.sessionSeconds ?? DEFAULT_SESSION_SECONDS);
  const cookie = new SessionCookie(COOKIES.app);
  const client = new SsoClient(options, keys, clock);
  const jwtContext = { origin, ssoOrigin, ssoKeys: remoteKeys(options.ssoServerUrl ?? ssoOrigin), clock };
  const tokenVerifier = new TokenVerifier(client, jwtContext);
  const delivery = new SignOutDelivery({ signOuts: store.signOuts, client, clock, log: app.log });
  const housekeeping = new Housekeeping({ store, position, clock, log: app.log });

  const sessionByRequest = new WeakMap<RequestHead, AppSession | null>();
  /** Decorates the request with a session that `check` accepts. */
  const lookUp = async (request: RequestHead, check = (_session: StoredAppSession) => {}) => {
    sessionByRequest.delete(request);
    if (!isOriginAccepted(request, options)) return null;
    const found = await sessions.find(cookie.read(request));
    if (found === null) return null;
    check(found);
    const session = toAppSession(found);
    sessionByRequest.set(request, session);
    return session;
  };
  app.decorateRequest('appSession', {
    getter(this: FastifyRequest) {
      return sessionByRequest.get(this) ?? null;
    },
  });
  app.decorate('sso', {
    requireSession: async (request: RequestHead, demandsOrReply?: SessionDemands | FastifyReply) => {
      if (!request?.headers) throw new TypeError('requireSession: the first argument must be the request');
      const demands = demandsOrReply === undefined || isReply(demandsOrReply, request) ? {} : demandsOrReply;
      validateDemands(demands);
      if (!isOriginAccepted(request, options)) {
        const logReason = `origin ${request.headers.origin?.slice(0, 200)}`;
        throw new HttpProblem('origin-not-allowed', { logReason });
      }
      const session = await lookUp(request, (found) => enforceDemands(found, demands, clock()));
      if (session === null) throw new HttpProblem('not-signed-in');
      return session;
    },
    findSession: (request) => lookUp(request),
    onSessionEnded: (listener) => housekeeping.addListener(listener),
    isReady: () => store.isReady(),
  });

  app.addHook('onReady', async () => delivery.wake()); // Deliver what an earlier process left behind.
  app.addHook('onClose', async () => {
    await delivery.stop();
    await housekeeping.stop();
    await keys.close();
    await store.close();
  });

  await app.register(sessionRoutes, { prefix, origin, sessions, cookie, tokenVerifier, delivery });
  await app.register(backchannelLogoutRoute, { prefix, sessions, jwtContext });
  // In a scope of its own: hooks that the app adds afterwards, such as `requireSession`, don't apply.
  const keysRoute = async (scope: FastifyInstance) => {
    scope.get(APP_PATHS.keys, { exposeHeadRoute: true }, async (_request, reply) => {
      reply.header('Cache-Control', JWKS_CACHE_CONTROL);
      return keys.publicKeys;
    });
  };
  await app.register(keysRoute, { prefix });
}

/** Fastify passes a reply to a hook, where other callers pass demands. */
function isReply(
  demandsOrReply: SessionDemands | FastifyReply,
  request: RequestHead,
): demandsOrReply is FastifyReply {
  return (Object(demandsOrReply) as Partial<FastifyReply>).request === request;
}

/** Opens the store and the keys. This process reports the entries of the log after `position`. */
async function open(app: FastifyInstance, options: RelyingAppOptions) {
  const warn = (message: string) => app.log.warn(message);
  const { store, keys: keyStore } = await openStore({ ...options, isServing: true, warn });
  try {
    const position = await store.endedSessions.position();
    const keyTimes = { tokenSeconds: CLIENT_ASSERTION_MAX_SECONDS, clock: options.clock ?? Date.now };
    return { store, position, keys: await openKeyRing(keyStore, { ...keyTimes, warn }) };
  } catch (error) {
    await store.close(); // Its connections would keep the process running.
    throw error;
  }
}

/** Register it with {@link RelyingAppOptions}; `examples/plain-page` is a complete small app. */
export const relyingApp = fastifyPlugin(plugin, { name: '@samesite-sso/relying-app', fastify: '5.x' });
