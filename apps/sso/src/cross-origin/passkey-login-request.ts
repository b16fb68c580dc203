/**
 * Step 5 of 5 with a passkey, in place of a username and a password: a challenge for a page of exactly this
 * origin, and the sign-in that starts an SSO session once the passkey has signed it. Before: step 2. Next:
 * step 3.
 */
import type { AuthenticationCredential, PasskeyChallengeResponse, SignedIn } from '@samesite-sso/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PasskeyAuthentication, SignInScope } from '../passkeys/passkey-authentication.ts';
import type { SessionDependencies } from '../sessions/sso-sessions.ts';
import { signIn } from './login-request.ts';

export interface PasskeyLoginDependencies extends SessionDependencies {
  passkeyAuthentication: PasskeyAuthentication;
}

/** Writes nothing. */
export async function handlePasskeyChallenge(
  { cookie, passkeyAuthentication }: Pick<PasskeyLoginDependencies, 'cookie' | 'passkeyAuthentication'>,
  request: FastifyRequest,
): Promise<PasskeyChallengeResponse> {
  cookie.read(request); // It needs no session, but refuses two cookies, as every request here does.
  return passkeyAuthentication.createOptions(toSignInScope(request));
}

export async function handlePasskeyLogin(
  dependencies: PasskeyLoginDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  credential: AuthenticationCredential,
  scope: SignInScope,
): Promise<SignedIn> {
  const { passkeyAuthentication } = dependencies;
  return await signIn(dependencies, request, reply, (client) =>
    passkeyAuthentication.verify(credential, scope, client),
  );
}

/** The origin is the `Origin` header, which the CORS policy has checked. The body can't choose another. */
export function toSignInScope({ headers }: FastifyRequest): SignInScope {
  return { purpose: 'app authentication', origin: headers.origin ?? '' };
}
