/**
 * Steps 1 and 4 of 5, at the app's own origin: `GET /session` says who is signed in here, `POST /session`
 * turns an authentication token into an app session, `DELETE /session` ends it. Before step 1 nothing;
 * between the two steps 2 and 3, or 5 and 3, at the SSO service (`apps/sso/src/cross-origin`).
 */
import {
  APP_PATHS,
  BODY_LIMIT_BYTES,
  SessionAnswer,
  type SignedIn,
  StartSessionAnswer,
  StartSessionRequest,
} from '@samesite-sso/protocol';
import {
  acceptJsonOnly,
  replyWithProblems,
  requireOwnOrigin,
  type SessionCookie,
} from '@samesite-sso/service';
import type { FastifyInstance } from 'fastify';
import type { AppSessions } from './app-sessions.ts';
import type { TokenVerifier } from './token-verifier.ts';

interface SessionParts {
  origin: string;
  sessions: AppSessions;
  cookie: SessionCookie;
  verifier: TokenVerifier;
}

const path = APP_PATHS.session;

export async function sessionEndpoint(
  scope: FastifyInstance,
  { origin, sessions, cookie, verifier }: SessionParts,
) {
  replyWithProblems(scope);
  acceptJsonOnly(scope);
  scope.addHook('onRequest', async (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    if (request.method === 'POST' || request.method === 'DELETE') requireOwnOrigin(request, origin);
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
    { schema: { response: { 200: SessionAnswer } } },
    async (request): Promise<SessionAnswer> => {
      const session = sessions.find(cookie.read(request));
      return session === null ? { status: 'signed out' } : { status: 'signed in', account: session.account };
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
      const { sub, sid, username, name, session_exp } = await verifier.redeem(request.body.token);
      const account = { id: sub, username, displayName: name };
      const { secret, maxAgeSeconds } = await sessions.start(
        { account, sid, ssoEndsAt: session_exp * 1000 },
        replaced,
      );
      cookie.set(reply, secret, maxAgeSeconds);
      reply.code(201);
      return { status: 'signed in', account };
    },
  );

  // And out again. The answer is the same if there was no session.
  scope.delete(path, async (request, reply) => {
    const secret = cookie.read(request);
    if (secret !== null) await sessions.end(secret);
    cookie.clear(reply);
    return { status: 'signed out' };
  });
}
