/**
 * Step 2 of 5: tells an app's page whether somebody is signed in at the SSO service. Before, or at the
 * same time: step 1, `GET /session` at the app. Next: step 3 (`authentication-token-request.ts`) or step 5
 * (`login-request.ts`).
 */
import type { LoginStatusResponse } from '@samesite-sso/protocol';
import type { FastifyRequest } from 'fastify';
import type { SessionDependencies } from '../sessions/sso-sessions.ts';

export async function handleLoginStatus(
  { cookie, sessions }: SessionDependencies,
  request: FastifyRequest,
): Promise<LoginStatusResponse> {
  const session = await sessions.use(cookie.read(request));
  return session === null ? { status: 'signed out' } : { status: 'signed in', account: session.account };
}
