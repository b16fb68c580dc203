/**
 * Steps 1 and 4 of 5, at the app's own origin: `GET /session` says who is signed in here, `POST /session`
 * turns an authentication token into an app session, `DELETE /session` ends it, and with `?scope=site` the
 * SSO session, too. Before step 1 nothing; between the two steps 2 and 3, or 5 and 3, at the SSO service
 * (`apps/sso/src/cross-origin`).
 */

import {
  HttpProblem,
  jsonBody,
  problemResponses,
  requireSameOrigin,
  type SessionCookie,
} from '@samesite-sso/core';
import {
  APP_PATHS,
  BODY_LIMIT_BYTES,
  EndSessionQuery,
  SESSION_MAX_AGE_HEADER,
  SessionAnswer,
  SIGN_OUT_SCOPE_HEADER,
  type SignedIn,
  StartSessionAnswer,
  StartSessionRequest,
} from '@samesite-sso/protocol';
import type { FastifyInstance } from 'fastify';
import type { AppSessions } from './app-sessions.ts';
import type { SignOutDelivery } from './sign-out-delivery.ts';
import type { TokenVerifier } from './token-verifier.ts';

interface SessionParts {
  origin: string;
  sessions: AppSessions;
  cookie: SessionCookie;
  verifier: TokenVerifier;
  delivery: SignOutDelivery;
}

const path = APP_PATHS.session;

export async function sessionEndpoint(
  scope: FastifyInstance,
  { origin, sessions, cookie, verifier, delivery }: SessionParts,
) {
  await scope.register(problemResponses);
  await scope.register(jsonBody);
  scope.addHook('onRequest', async (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    if (request.method === 'POST' || request.method === 'DELETE') requireSameOrigin(request, origin);
  });
  // The app may send CORS headers on everything it serves. Here they would show a sibling who is signed in.
  scope.addHook('onSend', async (_request, reply) => {
    for (const name of Object.keys(reply.getHeaders())) {
      if (name.startsWith('access-control-')) reply.removeHeader(name);
    }
  });

  // Step 1. It doesn't use `request.sso`, which depends on `Origin`. This response needs no such check:
  // without a CORS header, no other origin's script can read it.
  scope.get(
    path,
    { exposeHeadRoute: true, schema: { response: { 200: SessionAnswer } } },
    async (request, reply): Promise<SessionAnswer> => {
      const session = sessions.find(cookie.read(request));
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
      schema: { body: StartSessionRequest, response: { 201: StartSessionAnswer } },
    },
    async (request, reply): Promise<SignedIn> => {
      const replaced = cookie.read(request); // Before the token is spent.
      const { token } = request.body;
      const claims = await verifier.verify(token);
      if (sessions.isSiteEnded(claims.sid)) {
        delivery.hasten();
        throw new HttpProblem('invalid-token', { logReason: 'its person has signed out of the site here' });
      }
      const { sub, sid, username, name, session_exp } = await verifier.redeem(token, claims);
      const account = { id: sub, username, displayName: name };
      const { secret, maxAgeSeconds } = await sessions.start(
        { account, sid, ssoEndsAt: session_exp * 1000 },
        replaced,
      );
      cookie.set(reply, secret, maxAgeSeconds);
      reply.header(SESSION_MAX_AGE_HEADER, maxAgeSeconds);
      reply.code(201);
      return { status: 'signed in', account };
    },
  );

  // And out again. The body is the same if there was no session.
  scope.delete<{ Querystring: EndSessionQuery }>(
    path,
    { schema: { querystring: EndSessionQuery } },
    async (request, reply) => {
      const secret = cookie.read(request);
      if (secret !== null && request.query.scope === 'site') {
        const isRecorded = await sessions.endSite(secret);
        if (isRecorded) reply.header(SIGN_OUT_SCOPE_HEADER, 'site');
        delivery.wake();
      } else if (secret !== null) {
        await sessions.end(secret);
      }
      cookie.clear(reply);
      return { status: 'signed out' };
    },
  );
}
