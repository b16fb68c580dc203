/** Step 5 of 5: a username and a password start an SSO session. Before it step 2, after it step 3. */

import { HttpProblem } from '@samesite-sso/core';
import type { LoginRequest, SignedIn } from '@samesite-sso/protocol';
import { noteClient } from '@samesite-sso/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Service } from '../service.ts';
import { readClient } from '../sessions/client.ts';

export async function login(
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
  { username, password }: Pick<LoginRequest, 'username' | 'password'>,
): Promise<SignedIn> {
  const client = readClient(request);
  noteClient(request, { address: client.address });
  const replaced = service.cookie.read(request);
  const verified = await service.login.verify(username, password, client);
  noteClient(request, { accountId: verified.account.id });
  const started = await service.sessions.start(verified, replaced, client);
  if (started === null)
    throw new HttpProblem('invalid-credentials', { logReason: 'the account changed meanwhile' });
  service.cookie.set(reply, started.secret, started.maxAgeSeconds);
  return { status: 'signed in', account: verified.account };
}
