/** Step 3, a signed token for one app, beside a signed access token of `oidc-provider`, never stored. */

import { providerWithSecret } from '../oidc-provider-requests.ts';
import { startPeer } from '../peers/peer.ts';
import { startProduct } from '../product.ts';
import { bareSubject, rateTable } from '../rate-table.ts';
import { compare, type Plan, repeated } from '../rounds.ts';
import type { Table } from '../table.ts';

export async function token(plan: Plan): Promise<Table> {
  const product = await startProduct();
  const bare = await startPeer('bare');
  const { provider, jwt } = await providerWithSecret();
  const subjects = [
    bareSubject(bare),
    repeated('this repository', product.sso.address, product.startSessions().map(product.token)),
    repeated('`oidc-provider`, JWT, in memory', provider.address, [jwt]),
  ];
  const results = await compare(subjects, plan);
  return rateTable(results, { 'this repository': '≥ 0.20' });
}
