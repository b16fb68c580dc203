/** Step 2 of 5: is the person signed in at the SSO service? Before it step 1, after it step 3 or 5. */
import type { LoginStatusAnswer } from '@samesite-sso/protocol';
import type { FastifyRequest } from 'fastify';
import type { Service } from '../service.ts';

export async function loginStatus(service: Service, request: FastifyRequest): Promise<LoginStatusAnswer> {
  const session = await service.sessions.use(service.cookie.read(request));
  return session === null ? { status: 'signed out' } : { status: 'signed in', account: session.account };
}
