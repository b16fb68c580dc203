/** The preflight, compared with `@fastify/cors` alone. */
import { startPeer } from '../peers/peer.ts';
import { startProduct } from '../product.ts';
import { bareSubject, rateTable } from '../rate-table.ts';
import type { HttpResponse } from '../requests.ts';
import { compare, type Plan, sendRepeatedly } from '../rounds.ts';
import type { Table } from '../table.ts';

export async function preflight(plan: Plan): Promise<Table> {
  const product = await startProduct();
  const bare = await startPeer('bare');
  const { origin } = product.foo;
  const cors = await startPeer('cors', { ALLOWED_ORIGIN: origin });
  const isAllowed = ({ headers }: HttpResponse) =>
    headers['access-control-allow-origin'] === origin && headers['access-control-allow-methods'] === 'POST';
  const subjects = [
    bareSubject(bare),
    sendRepeatedly('this repository', product.sso.address, [product.preflight], isAllowed),
    sendRepeatedly('`@fastify/cors` alone', cors.address, [product.preflight], isAllowed),
  ];
  return rateTable(await compare(subjects, plan), { 'this repository': '≥ 1.0' });
}
