/**
 * Steps 1 and 4 of 5, at the app's own origin: `GET /session` returns who is signed in here, and
 * `POST /session` turns an authentication token into an app session. `DELETE /session` ends it; with
 * `?scope=site` it also ends the SSO session. Steps 2, 3 and 5 are at the SSO service
 * (`apps/sso/src/cross-origin`).
 */
import {
  HttpProblem,
  jsonBody,
  problemResponses,
  requireSameOrigin,
  type SessionCookie,
  withSchemas,
} from '@samesite-sso/core';
import {
  APP_PATHS,
  BODY_LIMIT_BYTES,
  EndSessionQuery,
  SESSION_MAX_AGE_HEADER,
  SessionResponse,
  SIGN_OUT_SCOPE_HEADER,
  type SignedIn,
  SignedOut,
  StartSessionRequest,
  StartSessionResponse,
} from '@samesite-sso/protocol';
import type { FastifyInstance } from 'fastify';
import type { AppSessions } from './app-sessions.ts';
import type { SignOutDelivery } from './sign-out-delivery.ts';
import type { TokenVerifier } from './token-verifier.ts';

interface Dependencies {
  origin: string;
  sessions: AppSessions;
  cookie: SessionCookie;
  tokenVerifier: TokenVerifier;
  delivery: SignOutDelivery;
}

const path = APP_PATHS.session;

export async function sessionRoutes(
  scope: FastifyInstance,
  { origin, sessions, cookie, tokenVerifier, delivery }: Dependencies,
): Promise<void> {
  await scope.register(problemResponses);
  await scope.register(jsonBody);
  scope.addHook('onRequest', async (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    if (request.method === 'POST' || request.method === 'DELETE') requireSameOrigin(request, origin);
  });
  // The app may add CORS headers to every response. On these, they would show other origins who is signed in.
  scope.addHook('onSend', async (_request, reply) => {
    for (const name of Object.keys(reply.getHeaders())) {
      if (name.startsWith('access-control-')) reply.removeHeader(name);
    }
  });

  // Step 1. It reads the cookie itself: `findSession` also requires an accepted origin. Without a CORS
  // header, no other origin's script can read the response.
  scope.get(
    path,
    { exposeHeadRoute: true, ...withSchemas({ response: SessionResponse }) },
    async (request, reply): Promise<SessionResponse> => {
      const session = await sessions.find(cookie.read(request));
      if (session === null) return { status: 'signed out' };
      reply.header(SESSION_MAX_AGE_HEADER, sessions.secondsLeft(session));
      return { status: 'signed in', account: session.account };
    },
  );

  // Step 4.
  scope.post<{ Body: StartSessionRequest }>(
    path,
    {
      bodyLimit: BODY_LIMIT_BYTES,
      ...withSchemas({ body: StartSessionRequest, response: StartSessionResponse }),
    },
    async (request, reply): Promise<SignedIn> => {
      // An ambiguous cookie must be refused before the token is redeemed.
      const replacedSessionToken = cookie.read(request);
      const { token } = request.body;
      const claims = await tokenVerifier.verify(token);
      if (await sessions.isSignedOutOfSite(claims.sid)) {
        delivery.retrySoon();
        throw new HttpProblem('invalid-token', {
          logReason: 'the person signed out of the site at this app',
        });
      }
      const active = await tokenVerifier.redeem(token, claims);
      const account = { id: active.sub, username: active.username, displayName: active.name };
      const { sessionToken, maxAgeSeconds } = await sessions.start(
        {
          account,
          sid: active.sid,
          tokenIssuedAt: claims.iat * 1000,
          ssoEndsAt: active.session_exp * 1000,
          authenticatedAt: active.auth_time * 1000,
          amr: active.amr,
          groups: active.groups,
        },
        replacedSessionToken,
      );
      cookie.set(reply, sessionToken, maxAgeSeconds);
      reply.header(SESSION_MAX_AGE_HEADER, maxAgeSeconds);
      reply.code(201);
      return { status: 'signed in', account };
    },
  );

  // Sign-out. The body is the same if there was no session.
  scope.delete<{ Querystring: EndSessionQuery }>(
    path,
    withSchemas({ query: EndSessionQuery, response: SignedOut }),
    async (request, reply) => {
      const sessionToken = cookie.read(request);
      if (sessionToken !== null && request.query.scope === 'site') {
        const isRecorded = await sessions.end(sessionToken, 'site');
        if (isRecorded) reply.header(SIGN_OUT_SCOPE_HEADER, 'site');
        delivery.wake();
      } else if (sessionToken !== null) {
        await sessions.end(sessionToken, 'app');
      }
      cookie.clear(reply);
      return { status: 'signed out' };
    },
  );
}
