/** The preflight, beside `@fastify/cors` alone. */
import { startPeer } from '../peers/peer.ts';
import { startProduct } from '../product.ts';
import { bareSubject, rateTable } from '../rate-table.ts';
import { compare, type Plan, repeated } from '../rounds.ts';
import type { Table } from '../table.ts';

export async function preflight(plan: Plan): Promise<Table> {
  const product = await startProduct();
  const bare = await startPeer('bare');
  const cors = await startPeer('cors', { ALLOWED_ORIGIN: product.foo.origin });
  const subjects = [
    bareSubject(bare),
    repeated('this repository', product.sso.address, [product.preflight]),
    repeated('`@fastify/cors` alone', cors.address, [product.preflight]),
  ];
  const results = await compare(subjects, plan);
  return rateTable(results, { 'this repository': '≥ 1.0' });
}
