/**
 * Step 3 of 5: a token that carries the SSO session over to one app. Before it step 2 or 5, after it
 * step 4, where the app's server redeems it (`../introspection/introspection-endpoint.ts`).
 */

import { HttpProblem } from '@samesite-sso/core';
import type { AuthenticationTokenAnswer } from '@samesite-sso/protocol';
import { noteClient } from '@samesite-sso/server';
import type { FastifyRequest } from 'fastify';
import type { Service } from '../service.ts';
import { readAddress } from '../sessions/client.ts';

export async function authenticationToken(
  service: Service,
  request: FastifyRequest,
): Promise<AuthenticationTokenAnswer> {
  const address = readAddress(request);
  noteClient(request, { address });
  const session = await service.sessions.use(service.cookie.read(request));
  if (session === null) throw new HttpProblem('not-signed-in');
  noteClient(request, { accountId: session.account.id });
  // The audience is the origin that the browser states and the policy has let in, never the body's word.
  const app = request.headers.origin ?? '';
  const token = await service.tokens.issue(session, app, address);
  if (token === null)
    throw new HttpProblem('not-signed-in', { logReason: 'the SSO session ended meanwhile' });
  return { token, expiresIn: service.tokens.ttlSeconds };
}
