/** Finds the session of an account-page request, and notes its account for the log. */
import { HttpProblem } from '@samesite-sso/core';
import { noteClient } from '@samesite-sso/server';
import type { FastifyRequest } from 'fastify';
import type { SessionDependencies, UsedSession } from '../sessions/sso-sessions.ts';
import type { AccountQueue } from './account-queue.ts';

export interface QueuedSessionDependencies extends SessionDependencies {
  accountQueue: AccountQueue;
}

export async function findSession(
  { cookie, sessions }: SessionDependencies,
  request: FastifyRequest,
): Promise<UsedSession | null> {
  const session = await sessions.use(cookie.read(request));
  if (session !== null) noteClient(request, { accountId: session.account.id });
  return session;
}

/** @throws {HttpProblem} `not-signed-in` */
export async function requireSession(
  dependencies: SessionDependencies,
  request: FastifyRequest,
): Promise<UsedSession> {
  const session = await findSession(dependencies, request);
  if (session === null) throw new HttpProblem('not-signed-in');
  return session;
}

/**
 * Queues work for the signed-in account. Finds the session again when the work starts, since it may have
 * ended while the request waited.
 *
 * @throws {HttpProblem} `not-signed-in` or `overloaded`
 */
export async function queueForSession<Result>(
  dependencies: QueuedSessionDependencies,
  request: FastifyRequest,
  work: (session: UsedSession) => Promise<Result>,
): Promise<Result> {
  const { account } = await requireSession(dependencies, request);
  return await dependencies.accountQueue.run(account.id, async () =>
    work(await requireSession(dependencies, request)),
  );
}
