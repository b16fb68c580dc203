/**
 * Step 3, which signs a token and stores its hash durably, compared with `oidc-provider`, which signs an
 * access token and stores nothing.
 */
import { providerWithSecret } from '../oidc-provider-requests.ts';
import { startPeer } from '../peers/peer.ts';
import { startProduct } from '../product.ts';
import { bareSubject, rateTable } from '../rate-table.ts';
import { hasJwt } from '../requests.ts';
import { compare, type Plan, sendRepeatedly } from '../rounds.ts';
import type { Table } from '../table.ts';

export async function token(plan: Plan): Promise<Table> {
  const product = await startProduct();
  const bare = await startPeer('bare');
  const { provider, jwt } = await providerWithSecret();
  const requests = (await product.startSessions()).map(product.token);
  const subjects = [
    bareSubject(bare),
    sendRepeatedly('this repository', product.sso.address, requests, hasJwt('token')),
    sendRepeatedly('`oidc-provider`, JWT, in memory', provider.address, [jwt], hasJwt('access_token')),
  ];
  return rateTable(await compare(subjects, plan), { 'this repository': '≥ 0.20' });
}
