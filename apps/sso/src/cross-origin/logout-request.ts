/**
 * And out again: ends the SSO session, if there is one; the answer is the same if there is none. The apps that
 * hang on it are told by their servers (`../logout/logout-delivery.ts`).
 */
import type { SignedOut } from '@samesite-sso/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Service } from '../service.ts';
import { readClient } from '../sessions/client.ts';

export async function logout(
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SignedOut> {
  const secret = service.cookie.read(request);
  if (secret !== null) await service.sessions.signOut(secret, readClient(request));
  service.cookie.clear(reply);
  return { status: 'signed out' };
}
