/** Step 5 of 5: a username and a password start an SSO session. Before: step 2. Next: step 3. */
import { HttpProblem } from '@samesite-sso/core';
import type { LoginRequest, SignedIn } from '@samesite-sso/protocol';
import { noteClient } from '@samesite-sso/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Login } from '../accounts/login.ts';
import { readClient } from '../sessions/client.ts';
import type { SessionDependencies } from '../sessions/sso-sessions.ts';

export interface LoginDependencies extends SessionDependencies {
  login: Login;
}

export async function handleLogin(
  { cookie, sessions, login }: LoginDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  { username, password }: Pick<LoginRequest, 'username' | 'password'>,
): Promise<SignedIn> {
  const client = readClient(request);
  noteClient(request, { address: client.address });
  const replacedToken = cookie.read(request);
  const verified = await login.verify(username, password, client);
  noteClient(request, { accountId: verified.account.id });
  const started = await sessions.start(verified, replacedToken, client);
  if (started === null) {
    throw new HttpProblem('invalid-credentials', { logReason: 'the account has just changed' });
  }
  cookie.set(reply, started.token, started.maxAgeSeconds);
  return { status: 'signed in', account: verified.account };
}
