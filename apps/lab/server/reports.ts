/** Accepts reports from the processes that know the secret of this start. */
import { timingSafeEqual } from 'node:crypto';
import { HttpProblem, jsonBody, sha256, withSchemas } from '@samesite-sso/core';
import type { FastifyInstance } from 'fastify';
import { Report } from '../exchange/exchange.ts';
import { paths } from '../exchange/paths.ts';
import type { RecentExchanges } from './recent-exchanges.ts';

const MAX_REPORT_BYTES = 2 ** 20;

export async function reports(
  scope: FastifyInstance,
  { exchanges, secret }: { exchanges: RecentExchanges; secret: string },
): Promise<void> {
  const expected = sha256(`Bearer ${secret}`);
  // Before the body is read. Hashes have one length, which the comparison in constant time needs.
  scope.addHook('onRequest', async ({ headers }, reply) => {
    if (timingSafeEqual(sha256(headers.authorization ?? ''), expected)) return;
    reply.header('WWW-Authenticate', 'Bearer');
    throw new HttpProblem('invalid-token', { logReason: 'not the secret of this start' });
  });
  await scope.register(jsonBody);

  scope.post<{ Body: Report }>(
    paths.reports,
    { bodyLimit: MAX_REPORT_BYTES, ...withSchemas({ body: Report }) },
    async ({ body }, reply) => {
      exchanges.add(body.exchanges);
      return reply.code(204).send();
    },
  );
}
