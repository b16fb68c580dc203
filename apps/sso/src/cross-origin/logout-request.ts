/**
 * Signs out: ends the SSO session. The response is the same without a session. The session's apps are
 * notified by back-channel logout (`../logout/logout-delivery.ts`).
 */
import type { SignedOut } from '@samesite-sso/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readAddress } from '../sessions/client.ts';
import type { SessionDependencies } from '../sessions/sso-sessions.ts';

export async function handleLogout(
  { cookie, sessions }: SessionDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SignedOut> {
  const token = cookie.read(request);
  if (token !== null) await sessions.signOut(token, readAddress(request));
  cookie.clear(reply);
  return { status: 'signed out' };
}
