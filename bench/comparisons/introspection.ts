/**
 * The introspection of step 4, beside that of `oidc-provider`, both authenticated with `private_key_jwt`.
 * Ours redeems the token durably; the peer's only reads it from memory.
 */
import type { HttpRequest } from '../load/load.ts';
import { providerWithKey } from '../oidc-provider-requests.ts';
import { startPeer } from '../peers/peer.ts';
import { expectResponse, startProduct } from '../product.ts';
import { bareSubject, rateTable } from '../rate-table.ts';
import { compare, once, type Plan } from '../rounds.ts';
import type { Table } from '../table.ts';

export async function introspection(plan: Plan): Promise<Table> {
  // Tokens of one round are issued before it.
  const product = await startProduct({ sso: { SSO_TOKEN_SECONDS: '600' } });
  const bare = await startPeer('bare');
  const peer = await providerWithKey();
  const cookies = product.startSessions();
  const prepare = async (count: number): Promise<HttpRequest[]> => {
    const tokens = await product.issueTokens(cookies, count);
    return await Promise.all(tokens.map(product.introspection));
  };
  for (const request of await prepare(1)) {
    await expectResponse(product.sso.address, request, '"active":true');
  }
  await expectResponse(peer.provider.address, await peer.introspection(), '"active":true');
  const subjects = [
    bareSubject(bare),
    once('this repository', product.sso.address, prepare),
    once('`oidc-provider`, in memory', peer.provider.address, (count) =>
      Promise.all(Array.from({ length: count }, peer.introspection)),
    ),
  ];
  const results = await compare(subjects, plan);
  return rateTable(results, { 'this repository': '≥ 0.15' });
}
