/**
 * The plugin: gives an app the contract's endpoints, `request.sso` and a guard for protected routes. It
 * mounts; steps 1 and 4 are in `session-endpoint.ts`, single logout in `backchannel-logout.ts`. The only
 * names it decorates are `sso`.
 *
 * The guard checks a request when it starts. Nothing checks a connection that stays open after that: a
 * WebSocket, a stream of server-sent events, a long poll. The app closes it when its session ends:
 *
 *     const socketsBySid = new Map();
 *     app.get('/live', { websocket: true, onRequest: app.sso.guard }, (socket, { sso: { sid } }) => {
 *       const sockets = socketsBySid.get(sid) ?? new Set();
 *       socketsBySid.set(sid, sockets.add(socket));
 *       socket.on('close', () => {
 *         sockets.delete(socket);
 *         if (sockets.size === 0) socketsBySid.delete(sid);
 *       });
 *     });
 *     app.sso.onSessionEnded((sid) => {
 *       for (const socket of socketsBySid.get(sid) ?? []) socket.close(4001, 'The session has ended.');
 *     });
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
import { backchannelLogout } from './backchannel-logout.ts';
import { Housekeeping, type SessionEndedListener } from './housekeeping.ts';
import { LogoutTokenVerifier } from './logout-token-verifier.ts';
import { type RelyingAppOptions, refuseFaultyOptions } from './options.ts';
import { registerOwnRoutes } from './own-routes.ts';
import { isOriginAccepted, type RequestHead } from './request-origin.ts';
import { MIGRATIONS } from './schema.ts';
import { sessionEndpoint } from './session-endpoint.ts';
import { SignOutDelivery } from './sign-out-delivery.ts';
import { SignOutQueue } from './sign-out-queue.ts';
import { SsoClient } from './sso-client.ts';
import { TokenVerifier } from './token-verifier.ts';

export type { RelyingAppOptions } from './options.ts';

export interface RelyingApp {
  /**
   * Lets a request pass only with a living app session and from an accepted origin: a stated `Origin` must be
   * this app's own or in `corsOrigins`, and a request that can write (any method but GET, HEAD and OPTIONS)
   * must state one. `null` is accepted if `Sec-Fetch-Site` says that the request is same-origin: under
   * `Referrer-Policy: no-referrer`, a page's own forms state `null`. Where none is stated, Fetch Metadata
   * must not say that another origin's page embeds the response. A request with `Upgrade`, which opens a
   * WebSocket, must state this app's own or one in `webSocketOrigins`. Apps of one site are same-site, so
   * `SameSite=Strict` alone would let a sibling's page in.
   *
   * Use it as an `onRequest` hook, or call it in the handler for the session, which it looks up anew. Where a
   * server handles Node's `upgrade` event itself, no hook runs: call it there with the `IncomingMessage`,
   * before the handshake is answered.
   *
   * @throws {HttpProblem} `origin-not-allowed` or `not-signed-in`
   */
  guard(request: RequestHead): Promise<AppSession>;
  /**
   * Calls the listener, within 5 s, with the `sid` of an SSO session that has no living session of this app
   * left: the person signed out here or elsewhere, somebody else signed in in their place, or the session
   * expired. It makes no difference which process on this database handled it. A renewal doesn't end a
   * session.
   *
   * Close what is open for that `sid`. Remember a connection right after the guard has returned, before
   * anything else is awaited: otherwise an end reported in between finds nothing to close.
   */
  onSessionEnded(listener: SessionEndedListener): void;
  /** Whether the app's own database answers and, where something has failed, takes what is written. */
  isReady(): Promise<boolean>;
}

declare module 'fastify' {
  interface FastifyInstance {
    sso: RelyingApp;
  }
  interface FastifyRequest {
    /** The app session of this request. Null if there is none, or if the guard would refuse the origin. */
    readonly sso: AppSession | null;
  }
}

async function plugin(app: FastifyInstance, options: RelyingAppOptions): Promise<void> {
  refuseFaultyOptions(options);
  const clock = options.clock ?? Date.now;
  const database = new Database(options.database, MIGRATIONS);
  const keys = await openKeyRing(options.database, {
    tokenSeconds: CLIENT_ASSERTION_MAX_SECONDS,
    clock,
    warn: (message) => app.log.warn(message),
  });
  const sessions = new AppSessions(database, clock, options.sessionSeconds ?? 30 * 60);
  const sessionCookie = new SessionCookie(COOKIES.app);
  const ssoKeys = remoteKeys(options.ssoServerUrl ?? options.ssoOrigin);
  const client = new SsoClient(options, keys, clock);
  const verifier = new TokenVerifier(options, ssoKeys, client, clock);
  const logoutVerifier = new LogoutTokenVerifier(options, ssoKeys, clock);

  const found = new WeakMap<RequestHead, AppSession | null>();
  const findSession = (request: RequestHead) => {
    const session = sessions.find(sessionCookie.read(request));
    found.set(request, session);
    return session;
  };
  app.decorateRequest('sso', {
    getter(this: FastifyRequest) {
      const session = found.get(this);
      if (session !== undefined) return session;
      return isOriginAccepted(this, options) ? findSession(this) : null;
    },
  });

  const delivery = new SignOutDelivery({ queue: new SignOutQueue(database, clock), client, log: app.log });
  const housekeeping = new Housekeeping(sessions, app.log);
  app.decorate('sso', {
    guard: async (request) => {
      if (!isOriginAccepted(request, options)) {
        const { origin } = request.headers;
        throw new HttpProblem('origin-not-allowed', { logReason: `origin ${origin?.slice(0, 200)}` });
      }
      const session = findSession(request);
      if (session === null) throw new HttpProblem('not-signed-in');
      return session;
    },
    onSessionEnded: (listener) => housekeeping.addListener(listener),
    isReady: () => database.isReady(),
  });

  app.addHook('onReady', async () => delivery.wake()); // What an earlier process didn't deliver.
  app.addHook('onClose', async () => {
    await delivery.stop();
    await housekeeping.stop();
    database.close();
  });

  await registerOwnRoutes(app, options.basePath ?? '', async (scope) => {
    const { origin } = options;
    await scope.register((inner) =>
      sessionEndpoint(inner, { origin, sessions, cookie: sessionCookie, verifier, delivery }),
    ); // Steps 1 and 4.
    await scope.register((inner) => backchannelLogout(inner, { sessions, verifier: logoutVerifier }));
    scope.get(APP_PATHS.keys, { exposeHeadRoute: true }, async (_request, reply) => {
      reply.header('Cache-Control', JWKS_CACHE_CONTROL);
      return keys.publicKeys;
    });
  });
}

/** Register it with {@link RelyingAppOptions}; see `examples/plain-page` for a complete small app. */
export const relyingApp = fastifyPlugin(plugin, { name: '@samesite-sso/relying-app', fastify: '5.x' });
