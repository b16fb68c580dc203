/**
 * Step 5 of 5: a username and a password start an SSO session, with a code if the account has an
 * authenticator app. Before: step 2. Next: step 3.
 */
import type { SignedIn } from '@samesite-sso/protocol';
import { noteClient } from '@samesite-sso/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Login, SignInAttempt } from '../accounts/login.ts';
import { type Client, readClient } from '../sessions/client.ts';
import type { SessionDependencies, VerifiedSignIn } from '../sessions/sso-sessions.ts';

export interface LoginDependencies extends SessionDependencies {
  login: Login;
}

export async function handleLogin(
  dependencies: LoginDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  attempt: SignInAttempt,
): Promise<SignedIn> {
  return await signIn(dependencies, request, reply, (client) =>
    dependencies.login.verifySignIn(attempt, client),
  );
}

/** Starts a session for the person whom `verify` recognizes, or renews the one whose cookie came along. */
export async function signIn(
  { cookie, sessions }: SessionDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  verify: (client: Client) => Promise<VerifiedSignIn>,
): Promise<SignedIn> {
  const client = readClient(request);
  noteClient(request, { address: client.address });
  const presentedToken = cookie.read(request);
  const verified = await verify(client);
  noteClient(request, { accountId: verified.account.id });
  const started = await sessions.start(verified, presentedToken, client);
  if ('refusal' in started) return await verified.refuse(started.refusal);
  cookie.set(reply, started.token, started.maxAgeSeconds);
  return { status: 'signed in', account: verified.account };
}
