/** Step 5 of 5: a username and a password start an SSO session. Before it step 2, after it step 3. */
import type { LoginRequest, SignedIn } from '@samesite-sso/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Service } from '../service.ts';

export async function login(
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
  { username, password }: LoginRequest,
): Promise<SignedIn> {
  const account = await service.login.verify(username, password, request.ip);
  const { secret, maxAgeSeconds } = await service.sessions.start(account.id, service.cookie.read(request));
  service.cookie.set(reply, secret, maxAgeSeconds);
  return { status: 'signed in', account };
}
