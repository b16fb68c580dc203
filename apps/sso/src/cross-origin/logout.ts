/** And out again: ends the SSO session, if there is one. The answer is the same if there is none. */
import type { SignedOut } from '@samesite-sso/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Service } from '../service.ts';

export async function logout(
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SignedOut> {
  const secret = service.cookie.read(request);
  if (secret !== null) await service.sessions.end(secret);
  service.cookie.clear(reply);
  return { status: 'signed out' };
}
