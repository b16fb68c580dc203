/**
 * Step 3 of 5: issues a token that carries the SSO session to one app, if the account may use that app.
 * Before: step 2 or 5. Next: step 4, where the app's server redeems the token
 * (`../server-to-server/introspection-endpoint.ts`).
 */
import { HttpProblem } from '@samesite-sso/core';
import type { AuthenticationTokenResponse, Factor } from '@samesite-sso/protocol';
import { noteClient } from '@samesite-sso/server';
import type { FastifyRequest } from 'fastify';
import type { AppRegistry } from '../registry/app-registry.ts';
import type { AuthenticationTokens } from '../sessions/authentication-tokens.ts';
import { readAddress } from '../sessions/client.ts';
import type { SessionDependencies } from '../sessions/sso-sessions.ts';
import type { FactorStore, IssueRefusal } from '../storage/stores.ts';

export interface AuthenticationTokenDependencies extends SessionDependencies {
  tokens: AuthenticationTokens;
  registry: Pick<AppRegistry, 'find'>;
  factors: Pick<FactorStore, 'of'>;
}

export async function handleAuthenticationToken(
  dependencies: AuthenticationTokenDependencies,
  request: FastifyRequest,
): Promise<AuthenticationTokenResponse> {
  const { cookie, sessions, tokens, registry } = dependencies;
  const address = readAddress(request);
  noteClient(request, { address });
  const session = await sessions.use(cookie.read(request));
  if (session === null) throw new HttpProblem('not-signed-in');
  noteClient(request, { accountId: session.account.id });
  // The audience is the `Origin` that the CORS policy has checked. The body can't choose another app.
  const app = registry.find(request.headers.origin);
  if (app === undefined) throw new HttpProblem('origin-not-allowed', { logReason: 'the app was removed' });
  const issued = await tokens.issue(session, app, address);
  if ('refusal' in issued) throw await toProblem(dependencies, issued.refusal, session.account.id);
  return issued;
}

async function toProblem(
  { factors }: AuthenticationTokenDependencies,
  refusal: IssueRefusal,
  accountId: string,
): Promise<HttpProblem> {
  switch (refusal) {
    case 'session ended':
      return new HttpProblem('not-signed-in', { logReason: 'the SSO session has just ended' });
    case 'not permitted':
      return new HttpProblem('not-permitted', { logReason: "the account is in none of the app's groups" });
    case 'second factor missing': {
      const { passkeyCount, hasAuthenticator } = await factors.of(accountId);
      const methods: Factor[] = [];
      if (passkeyCount > 0) methods.push('passkey');
      if (hasAuthenticator) methods.push('code');
      return new HttpProblem('step-up-required', { members: { methods } });
    }
  }
}
