/** "Who is signed in?", answered by this repository (step 2) and by other products. */

import { getSession, signUp } from '../better-auth-requests.ts';
import type { HttpRequest } from '../load/load.ts';
import { providerWithSecret } from '../oidc-provider-requests.ts';
import { startPeer } from '../peers/peer.ts';
import { expectResponse, send, startProduct } from '../product.ts';
import { bareSubject, rateTable } from '../rate-table.ts';
import { compare, type Plan, repeated } from '../rounds.ts';
import type { Table } from '../table.ts';

export async function loginStatusPeers(plan: Plan): Promise<Table> {
  const product = await startProduct();
  const { provider, userinfo } = await providerWithSecret();
  const [bare, secureSession, expressSession, betterAuth, betterAuthWithCache] = await Promise.all([
    startPeer('bare'),
    startPeer('secure-session'),
    startPeer('express-session'),
    startPeer('better-auth'),
    startPeer('better-auth', { COOKIE_CACHE: 'yes' }),
  ]);
  const subjects = [
    bareSubject(bare),
    repeated('this repository', product.sso.address, product.startSessions().map(product.loginStatus)),
    repeated('`@fastify/secure-session`, no store', ...(await withSession(secureSession.address))),
    repeated('`oidc-provider`, userinfo, in memory', provider.address, [userinfo]),
    repeated('`express-session`, SQLite', ...(await withSession(expressSession.address))),
    repeated('`better-auth`, SQLite', ...(await withUser(betterAuth.address))),
    repeated('`better-auth`, with its cookie cache', ...(await withUser(betterAuthWithCache.address))),
  ];
  const results = await compare(subjects, plan);
  return rateTable(results, { 'this repository': '≥ 0.45' });
}

type AddressAndRequests = [address: string, requests: HttpRequest[]];

async function withSession(address: string): Promise<AddressAndRequests> {
  const { cookie } = await send(address, { method: 'POST', path: '/login', headers: {} });
  const request = { method: 'GET', path: '/', headers: { cookie } };
  await expectResponse(address, request, 'Ada Lovelace');
  return [address, [request]];
}

async function withUser(address: string): Promise<AddressAndRequests> {
  const { cookie } = await send(address, signUp(address));
  const request = getSession(cookie);
  await expectResponse(address, request, 'Ada Lovelace');
  return [address, [request]];
}
