/** `DELETE /account/sessions…`: a person ends SSO sessions of theirs, one or all but this. The apps are told. */
import { HttpProblem } from '@samesite-sso/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Service } from '../service.ts';
import { readClient } from '../sessions/client.ts';
import type { AccountQueue } from './account-queue.ts';
import { signedInInTurn } from './require-session.ts';
import type { Ended, NamedSession } from './schemas.ts';

export async function endSession(
  service: Service,
  queue: AccountQueue,
  request: FastifyRequest,
  reply: FastifyReply,
  { sid }: NamedSession,
): Promise<Ended> {
  return await signedInInTurn(service, queue, request, async (session) => {
    const ended = await service.sessions.endOf(session.account.id, { sids: [sid] }, readClient(request));
    // Another person's session gets the same answer as one that doesn't exist.
    if (ended === 0)
      throw new HttpProblem('not-found', { logReason: 'no session of this account has that sid' });
    if (sid === session.sid) service.cookie.clear(reply);
    return { ended };
  });
}

export async function endOtherSessions(
  service: Service,
  queue: AccountQueue,
  request: FastifyRequest,
): Promise<Ended> {
  return await signedInInTurn(service, queue, request, async ({ account, sid }) => ({
    ended: await service.sessions.endOf(account.id, { exceptSid: sid }, readClient(request)),
  }));
}
