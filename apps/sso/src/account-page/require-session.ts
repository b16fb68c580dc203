/** Whose request this is. */
import { HttpProblem } from '@samesite-sso/core';
import { noteClient } from '@samesite-sso/server';
import type { FastifyRequest } from 'fastify';
import type { Service } from '../service.ts';
import type { SsoSession } from '../storage/stores.ts';
import type { AccountQueue } from './account-queue.ts';

/** Finds the living session of the request's cookie, and notes its account for the log line. */
export async function findSession(service: Service, request: FastifyRequest): Promise<SsoSession | null> {
  const session = await service.sessions.use(service.cookie.read(request));
  if (session !== null) noteClient(request, { accountId: session.account.id });
  return session;
}

/** @throws {HttpProblem} `not-signed-in` */
export async function signedIn(service: Service, request: FastifyRequest): Promise<SsoSession> {
  const session = await findSession(service, request);
  if (session === null) throw new HttpProblem('not-signed-in');
  return session;
}

/**
 * Runs work for the signed-in person when their account's turn comes. The session is looked up again then,
 * since it may have ended while the request waited.
 *
 * @throws {HttpProblem} `not-signed-in`, or `overloaded`
 */
export async function signedInInTurn<Result>(
  service: Service,
  queue: AccountQueue,
  request: FastifyRequest,
  work: (session: SsoSession) => Promise<Result>,
): Promise<Result> {
  const { account } = await signedIn(service, request);
  return await queue.run(account.id, async () => await work(await signedIn(service, request)));
}
