/**
 * `GET /status` at a target: whether it knows the visitor, which it does if it receives one of its cookies.
 * Its CORS policy is the right one, for the lab's page alone, so that the page can compare a direct request
 * with a proxy.
 */
import { withSchemas } from '@samesite-sso/core';
import type { FastifyInstance } from 'fastify';
import { StatusResponse } from '../../exchange/alternative-responses.ts';
import { paths } from '../../exchange/paths.ts';
import type { Hosts } from '../hosts.ts';
import { findCookies } from '../target-cookies.ts';

export async function status(
  scope: FastifyInstance,
  { hosts, origin }: { hosts: Hosts; origin: string },
): Promise<void> {
  scope.addHook('onRequest', hosts.require('same-site', 'cross-site'));
  scope.get(
    paths.status,
    withSchemas({ response: StatusResponse }),
    async (request, reply): Promise<StatusResponse> => {
      reply.headers({ 'Cache-Control': 'no-store', Vary: 'Origin' });
      if (request.headers.origin === origin) {
        reply.headers({
          'Access-Control-Allow-Origin': origin,
          'Access-Control-Allow-Credentials': 'true',
        });
      }
      const cookies = findCookies(request, hosts.targetOf(request) ?? 'same-site');
      return { status: cookies.length > 0 ? 'known' : 'unknown', cookies };
    },
  );
}
