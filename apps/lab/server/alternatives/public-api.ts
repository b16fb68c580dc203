/**
 * `GET /public` at a target: the same for everyone, so every origin may read it. A browser refuses `*` for a
 * request with credentials, so no response that depends on a cookie can get out this way.
 */
import { withSchemas } from '@samesite-sso/core';
import type { FastifyInstance } from 'fastify';
import { PublicResponse } from '../../exchange/alternative-responses.ts';
import { paths } from '../../exchange/paths.ts';
import type { Hosts } from '../hosts.ts';

export async function publicApi(scope: FastifyInstance, { hosts }: { hosts: Hosts }): Promise<void> {
  scope.addHook('onRequest', hosts.require('same-site', 'cross-site'));
  scope.get(
    paths.public,
    withSchemas({ response: PublicResponse }),
    async (_request, reply): Promise<PublicResponse> => {
      reply.headers({ 'Access-Control-Allow-Origin': '*', 'Cache-Control': 'no-store' });
      return { time: new Date().toISOString() };
    },
  );
}
