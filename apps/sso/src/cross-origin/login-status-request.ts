/**
 * Step 2 of 5: tells an app's page whether somebody is signed in at the SSO service. Before: step 1, `GET
 * /session` at the app. Next: step 3 (`authentication-token-request.ts`) or step 5 (`login-request.ts`).
 */
import type { SessionCookie } from '@samesite-sso/core';
import type { LoginStatusAnswer } from '@samesite-sso/protocol';
import type { FastifyRequest } from 'fastify';
import type { SsoSessions } from '../sessions/sso-sessions.ts';

export interface LoginStatusDependencies {
  cookie: SessionCookie;
  sessions: SsoSessions;
}

export async function handleLoginStatus(
  { cookie, sessions }: LoginStatusDependencies,
  request: FastifyRequest,
): Promise<LoginStatusAnswer> {
  const session = await sessions.use(cookie.read(request));
  return session === null ? { status: 'signed out' } : { status: 'signed in', account: session.account };
}
