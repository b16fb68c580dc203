/** `POST /account/password`: changes the password. Only this session continues, under a new cookie. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PasswordChange } from '../accounts/password-change.ts';
import { readClient } from '../sessions/client.ts';
import type { SessionDependencies } from '../sessions/sso-sessions.ts';
import { requireSession } from './require-session.ts';
import type { Ended, PasswordRequest } from './schemas.ts';

export interface PasswordDependencies extends SessionDependencies {
  passwordChange: PasswordChange;
}

export async function changePassword(
  dependencies: PasswordDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  passwords: PasswordRequest,
): Promise<Ended> {
  const session = await requireSession(dependencies, request);
  const changed = await dependencies.passwordChange.change(session, passwords, readClient(request));
  dependencies.cookie.set(reply, changed.token, changed.maxAgeSeconds);
  return { ended: changed.ended };
}
