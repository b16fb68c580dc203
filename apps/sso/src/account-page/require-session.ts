/** Finds the session of an account-page request, and notes its account for the log. */
import { HttpProblem } from '@samesite-sso/core';
import { noteClient } from '@samesite-sso/server';
import type { FastifyRequest } from 'fastify';
import type { SessionDependencies } from '../sessions/sso-sessions.ts';
import type { SsoSession } from '../storage/stores.ts';
import type { AccountQueue } from './account-queue.ts';

export interface QueuedSessionDependencies extends SessionDependencies {
  accountQueue: AccountQueue;
}

export async function findSession(
  { cookie, sessions }: SessionDependencies,
  request: FastifyRequest,
): Promise<SsoSession | null> {
  const session = await sessions.use(cookie.read(request));
  if (session !== null) noteClient(request, { accountId: session.account.id });
  return session;
}

/** @throws {HttpProblem} `not-signed-in` */
export async function requireSession(
  dependencies: SessionDependencies,
  request: FastifyRequest,
): Promise<SsoSession> {
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
  work: (session: SsoSession) => Promise<Result>,
): Promise<Result> {
  const { account } = await requireSession(dependencies, request);
  return await dependencies.accountQueue.run(account.id, async () =>
    work(await requireSession(dependencies, request)),
  );
}
