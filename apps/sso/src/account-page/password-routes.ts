/** `POST /account/password`: a new password for the old one. This session goes on in a new cookie, no other does. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Service } from '../service.ts';
import { readClient } from '../sessions/client.ts';
import { signedIn } from './require-session.ts';
import type { Ended, PasswordRequest } from './schemas.ts';

export async function changePassword(
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
  passwords: PasswordRequest,
): Promise<Ended> {
  const session = await signedIn(service, request);
  const { ended, secret, maxAgeSeconds } = await service.passwords.change(
    session,
    passwords,
    readClient(request),
  );
  service.cookie.set(reply, secret, maxAgeSeconds);
  return { ended };
}
