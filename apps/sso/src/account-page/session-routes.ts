/** `DELETE /account/sessions…`: ends one of the person's SSO sessions, or all others. */
import { HttpProblem } from '@samesite-sso/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readAddress } from '../sessions/client.ts';
import { type QueuedSessionDependencies, queueForSession } from './require-session.ts';
import type { Ended, NamedSession } from './schemas.ts';

export async function endSession(
  dependencies: QueuedSessionDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  { sid }: NamedSession,
): Promise<Ended> {
  return await queueForSession(dependencies, request, async ({ account, sid: ownSid }) => {
    const ended = await dependencies.sessions.endOwn(account.id, { sids: [sid] }, readAddress(request));
    // The same response for another person's session as for one that doesn't exist.
    if (ended === 0)
      throw new HttpProblem('not-found', { logReason: 'the account has no session of this sid' });
    if (sid === ownSid) dependencies.cookie.clear(reply);
    return { ended };
  });
}

export async function endOtherSessions(
  dependencies: QueuedSessionDependencies,
  request: FastifyRequest,
): Promise<Ended> {
  return await queueForSession(dependencies, request, async ({ account, sid }) => ({
    ended: await dependencies.sessions.endOwn(account.id, { exceptSid: sid }, readAddress(request)),
  }));
}
