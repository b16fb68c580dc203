/**
 * The plugin mounts the contract's endpoints and decorates `app.sso` and `request.appSession`. Steps 1 and 4
 * are in `session-routes.ts`, single logout in `backchannel-logout-route.ts`, and the rules by which a
 * request's origin is accepted in `request-origin.ts`.
 */

import {
  Database,
  HttpProblem,
  JWKS_CACHE_CONTROL,
  type KeyRing,
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
import { LogoutTokenVerifier } from './logout-token-verifier.ts';
import { type RelyingAppOptions, validateOptions } from './options.ts';
import { isOriginAccepted, type RequestHead } from './request-origin.ts';
import { MIGRATIONS } from './schema.ts';
import { sessionRoutes } from './session-routes.ts';
import { SignOutDelivery } from './sign-out-delivery.ts';
import { SignOutQueue } from './sign-out-queue.ts';
import { SsoClient } from './sso-client.ts';
import { SsoJwtVerifier } from './sso-jwt-verifier.ts';
import { TokenVerifier } from './token-verifier.ts';

const DEFAULT_SESSION_SECONDS = 30 * 60;

export interface RelyingApp {
  /**
   * Resolves to the live app session of a request from an accepted origin. Use it as an `onRequest` hook, or
   * call it in a handler: each call looks up the session again. The README lists the rules for `Origin`. A
   * server that handles Node's `upgrade` event itself runs no hooks: call it there with the
   * `IncomingMessage`, before answering the handshake.
   *
   * @throws {HttpProblem} `origin-not-allowed` or `not-signed-in`
   */
  requireSession(request: RequestHead): Promise<AppSession>;
  /**
   * Calls the listener, within 5 s, with the `sid` of each SSO session that has no live session at this app
   * any more: by a sign-out here or elsewhere, by a sign-in of another account, or by expiry. Every process
   * on the database reports every end. Renewing a session doesn't end it.
   *
   * Close all connections of that `sid`. Record each connection right after `requireSession` returns, before
   * the next `await`; otherwise an end reported in between misses it.
   */
  onSessionEnded(listener: SessionEndedListener): void;
  /** Whether the app's database answers and, after a failure, accepts writes again. */
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
  const { origin, clock = Date.now, basePath: prefix = '' } = options;
  const database = new Database(options.database, MIGRATIONS);
  const keys = await openKeyRing(options.database, {
    tokenSeconds: CLIENT_ASSERTION_MAX_SECONDS,
    clock,
    warn: (message) => app.log.warn(message),
  });
  const sessions = new AppSessions(database, clock, options.sessionSeconds ?? DEFAULT_SESSION_SECONDS);
  const cookie = new SessionCookie(COOKIES.app);
  const client = new SsoClient(options, keys, clock);
  const ssoKeys = remoteKeys(options.ssoServerUrl ?? options.ssoOrigin);
  const jwtVerifier = new SsoJwtVerifier(options, ssoKeys, clock);
  const tokenVerifier = new TokenVerifier(jwtVerifier, client, clock);
  const logoutTokenVerifier = new LogoutTokenVerifier(jwtVerifier, clock);
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
  await app.register(backchannelLogoutRoute, { prefix, sessions, logoutTokenVerifier });
  await app.register(keysRoute, { prefix, keys });
}

async function keysRoute(scope: FastifyInstance, { keys }: { keys: KeyRing }): Promise<void> {
  scope.get(APP_PATHS.keys, { exposeHeadRoute: true }, async (_request, reply) => {
    reply.header('Cache-Control', JWKS_CACHE_CONTROL);
    return keys.publicKeys;
  });
}

/** Register it with {@link RelyingAppOptions}; `examples/plain-page` is a complete small app. */
export const relyingApp = fastifyPlugin(plugin, { name: '@samesite-sso/relying-app', fastify: '5.x' });
