/**
 * The plugin mounts the protocol's endpoints and decorates `app.sso` and `request.appSession`. Steps 1 and 4
 * are in `session-routes.ts`, single logout in `backchannel-logout-route.ts`, and the rules by which a
 * request's origin is accepted in `request-origin.ts`.
 */
import {
  Database,
  HttpProblem,
  JWKS_CACHE_CONTROL,
  openKeyRing,
  remoteKeys,
  SessionCookie,
} from '@samesite-sso/core';
import { APP_PATHS, CLIENT_ASSERTION_MAX_SECONDS, COOKIES } from '@samesite-sso/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { type AppSession, AppSessions } from './app-sessions.ts';
import { backchannelLogoutRoute } from './backchannel-logout-route.ts';
import { EndedSessions } from './ended-sessions.ts';
import { Housekeeping, type SessionEndedListener } from './housekeeping.ts';
import { type RelyingAppOptions, validateOptions } from './options.ts';
import { isOriginAccepted, type RequestHead } from './request-origin.ts';
import { MIGRATIONS } from './schema.ts';
import { sessionRoutes } from './session-routes.ts';
import { SignOutDelivery } from './sign-out-delivery.ts';
import { SignOutQueue } from './sign-out-queue.ts';
import { SsoClient } from './sso-client.ts';
import { TokenVerifier } from './token-verifier.ts';

const DEFAULT_SESSION_SECONDS = 30 * 60;

export interface RelyingApp {
  /**
   * Resolves to the active app session of a request from an accepted origin. Use it as an `onRequest` hook,
   * or call it in a handler: each call looks up the session again. The README lists the rules for `Origin`. A
   * server that handles Node's `upgrade` event itself runs no hooks: call it there with the
   * `IncomingMessage`, before it accepts the handshake.
   *
   * @throws {HttpProblem} `origin-not-allowed` or `not-signed-in`
   */
  requireSession(request: RequestHead): Promise<AppSession>;
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
    /** The app session of this request, or null if `requireSession` would refuse it. */
    readonly appSession: AppSession | null;
  }
}

async function plugin(app: FastifyInstance, options: RelyingAppOptions): Promise<void> {
  validateOptions(options);
  const { origin, ssoOrigin, clock = Date.now, basePath: prefix = '' } = options;
  const database = new Database(options.database, MIGRATIONS);
  const keys = await openKeyRing(options.database, {
    tokenSeconds: CLIENT_ASSERTION_MAX_SECONDS,
    clock,
    warn: (message) => app.log.warn(message),
  });
  const sessions = new AppSessions(database, clock, options.sessionSeconds ?? DEFAULT_SESSION_SECONDS);
  const cookie = new SessionCookie(COOKIES.app);
  const client = new SsoClient(options, keys, clock);
  const jwtContext = { origin, ssoOrigin, ssoKeys: remoteKeys(options.ssoServerUrl ?? ssoOrigin), clock };
  const tokenVerifier = new TokenVerifier(client, jwtContext);
  const delivery = new SignOutDelivery({ queue: new SignOutQueue(database, clock), client, log: app.log });
  const housekeeping = new Housekeeping(new EndedSessions(database, clock), app.log);

  const sessionByRequest = new WeakMap<RequestHead, AppSession | null>();
  const findSession = (request: RequestHead) => {
    const session = sessions.find(cookie.read(request));
    sessionByRequest.set(request, session);
    return session;
  };
  app.decorateRequest('appSession', {
    getter(this: FastifyRequest) {
      const session = sessionByRequest.get(this);
      if (session !== undefined) return session;
      return isOriginAccepted(this, options) ? findSession(this) : null;
    },
  });
  app.decorate('sso', {
    requireSession: async (request) => {
      if (!isOriginAccepted(request, options)) {
        const logReason = `origin ${request.headers.origin?.slice(0, 200)}`;
        throw new HttpProblem('origin-not-allowed', { logReason });
      }
      const session = findSession(request);
      if (session === null) throw new HttpProblem('not-signed-in');
      return session;
    },
    onSessionEnded: (listener) => housekeeping.addListener(listener),
    isReady: () => database.isReady(),
  });

  app.addHook('onReady', async () => delivery.wake()); // Deliver what an earlier process left in the queue.
  app.addHook('onClose', async () => {
    await delivery.stop();
    await housekeeping.stop();
    database.close();
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

/** Register it with {@link RelyingAppOptions}; `examples/plain-page` is a complete small app. */
export const relyingApp = fastifyPlugin(plugin, { name: '@samesite-sso/relying-app', fastify: '5.x' });
