/** Whose request this is, where nobody else's will do. */
import { Refusal } from '@samesite-sso/service';
import type { FastifyRequest } from 'fastify';
import type { Service } from '../service.ts';
import type { SsoSession } from '../storage/stores.ts';

/** @throws {Refusal} `not-signed-in` */
export async function signedIn(service: Service, request: FastifyRequest): Promise<SsoSession> {
  const session = await service.sessions.use(service.cookie.read(request));
  if (session === null) throw new Refusal('not-signed-in');
  return session;
}
