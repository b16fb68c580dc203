/**
 * Step 4 of 5, unseen by the page: an app's server asks who a token stands for (RFC 7662), and the token
 * is spent by the answer. Before it `packages/relying-app`; no CORS header ever.
 */
import formbody from '@fastify/formbody';
import { type IntrospectionAnswer, IntrospectionRequest, SSO_PATHS } from '@samesite-sso/protocol';
import { noteRefusal } from '@samesite-sso/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Compile } from 'typebox/compile';
import type { Service } from '../service.ts';
import { addressOf } from '../sessions/client.ts';
import { ClientRefused } from './client-authentication.ts';

const isRequest = Compile(IntrospectionRequest);

export async function introspectionEndpoint(scope: FastifyInstance, service: Service): Promise<void> {
  scope.removeAllContentTypeParsers();
  await scope.register(formbody);
  // What is no form proves no app, so it is answered like any app that is not proven.
  scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null, undefined));

  scope.post(SSO_PATHS.introspection, async (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    const app = await authenticate(service, request);
    if (app === null) return refuse(reply, 401, 'invalid_client');
    const { body } = request;
    if (!isRequest.Check(body)) return refuse(reply, 400, 'invalid_request');
    return await introspect(service, request, body.token, app);
  });
}

async function authenticate(service: Service, request: FastifyRequest): Promise<string | null> {
  try {
    return await service.clients.authenticate(request.body);
  } catch (error) {
    if (!(error instanceof ClientRefused)) throw error;
    noteRefusal(request, `invalid_client: ${error.message}`);
    return null;
  }
}

/** Whatever is wrong with the token, the answer tells only that it is not good (RFC 7662, section 2.2). */
async function introspect(
  service: Service,
  request: FastifyRequest,
  token: string,
  app: string,
): Promise<IntrospectionAnswer> {
  const spent = await service.tokens.redeem(token, app, service.sessions.idleSince, addressOf(request));
  if ('fault' in spent) {
    noteRefusal(request, `inactive: ${spent.fault}`);
    return { active: false };
  }
  const { claims, session } = spent;
  return {
    active: true,
    ...claims,
    username: session.account.username,
    name: session.account.displayName,
    session_exp: Math.floor(session.endsAt / 1000),
  };
}

/** In OAuth's words (RFC 6749, section 5.2). */
function refuse(
  reply: FastifyReply,
  status: 400 | 401,
  error: 'invalid_request' | 'invalid_client',
): FastifyReply {
  return reply.code(status).send({ error });
}
