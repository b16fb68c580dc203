/**
 * Step 3 of 5: issues a token that carries the SSO session to one app. Before: step 2 or 5. Next: step 4,
 * where the app's server redeems the token (`../server-to-server/introspection-endpoint.ts`).
 */
import { HttpProblem } from '@samesite-sso/core';
import type { AuthenticationTokenResponse } from '@samesite-sso/protocol';
import { noteClient } from '@samesite-sso/server';
import type { FastifyRequest } from 'fastify';
import type { AuthenticationTokens } from '../sessions/authentication-tokens.ts';
import { readAddress } from '../sessions/client.ts';
import type { SessionDependencies } from '../sessions/sso-sessions.ts';

export interface AuthenticationTokenDependencies extends SessionDependencies {
  tokens: AuthenticationTokens;
}

export async function handleAuthenticationToken(
  { cookie, sessions, tokens }: AuthenticationTokenDependencies,
  request: FastifyRequest,
): Promise<AuthenticationTokenResponse> {
  const address = readAddress(request);
  noteClient(request, { address });
  const session = await sessions.use(cookie.read(request));
  if (session === null) throw new HttpProblem('not-signed-in');
  noteClient(request, { accountId: session.account.id });
  // The audience is the `Origin` that the CORS policy has checked. The body can't choose another app.
  const issued = await tokens.issue(session, request.headers.origin ?? '', address);
  if (issued === null)
    throw new HttpProblem('not-signed-in', { logReason: 'the SSO session has just ended' });
  return issued;
}
