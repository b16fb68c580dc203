/**
 * The introspection of step 4, compared with that of `oidc-provider`, both authenticated with
 * `private_key_jwt`. Ours redeems the token durably; the peer's only reads it from memory.
 */
import { providerWithKey } from '../oidc-provider-requests.ts';
import { startPeer } from '../peers/peer.ts';
import { startProduct } from '../product.ts';
import { bareSubject, rateTable } from '../rate-table.ts';
import type { HttpRequest, HttpResponse } from '../requests.ts';
import { compare, type Plan, sendOnce } from '../rounds.ts';
import type { Table } from '../table.ts';

export async function introspection(plan: Plan): Promise<Table> {
  // A round's tokens are issued before it begins.
  const product = await startProduct({ sso: { SSO_TOKEN_SECONDS: '600' } });
  const bare = await startPeer('bare');
  const peer = await providerWithKey();
  const cookies = await product.startSessions();
  const prepare = async (count: number): Promise<HttpRequest[]> => {
    const tokens = await product.issueTokens(cookies, count);
    return await Promise.all(tokens.map(product.introspection));
  };
  const preparePeer = (count: number) => Promise.all(Array.from({ length: count }, peer.introspection));
  const subjects = [
    bareSubject(bare),
    sendOnce('this repository', product.sso.address, prepare, isActive),
    sendOnce('`oidc-provider`, in memory', peer.provider.address, preparePeer, isActive),
  ];
  return rateTable(await compare(subjects, plan), { 'this repository': '≥ 0.15' });
}

function isActive({ body }: HttpResponse): boolean {
  return JSON.parse(body).active === true;
}
