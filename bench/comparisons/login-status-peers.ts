/** "Who is signed in?", answered by this repository (step 2) and by other products. */
import { getSession, signUp } from '../better-auth-requests.ts';
import { providerWithSecret } from '../oidc-provider-requests.ts';
import { startPeer } from '../peers/peer.ts';
import { isSignedIn, startProduct } from '../product.ts';
import { bareSubject, rateTable } from '../rate-table.ts';
import { type HttpResponse, send } from '../requests.ts';
import { compare, type Plan, type Subject, sendRepeatedly } from '../rounds.ts';
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
  const requests = (await product.startSessions()).map(product.loginStatus);
  const subjects = [
    bareSubject(bare),
    sendRepeatedly('this repository', product.sso.address, requests, isSignedIn),
    await withSession('`@fastify/secure-session`, no store', secureSession.address),
    sendRepeatedly('`oidc-provider`, userinfo, in memory', provider.address, [userinfo], isAda),
    await withSession('`express-session`, SQLite', expressSession.address),
    await withUser('`better-auth`, SQLite', betterAuth.address),
    await withUser('`better-auth`, with its cookie cache', betterAuthWithCache.address),
  ];
  return rateTable(await compare(subjects, plan), { 'this repository': '≥ 0.45' });
}

async function withSession(name: string, address: string): Promise<Subject> {
  const { cookie } = await send(address, { method: 'POST', path: '/login', headers: {} });
  return sendRepeatedly(name, address, [{ method: 'GET', path: '/', headers: { cookie } }], isAda);
}

async function withUser(name: string, address: string): Promise<Subject> {
  const { cookie } = await send(address, signUp(address));
  return sendRepeatedly(name, address, [getSession(cookie)], isAda);
}

function isAda({ body }: HttpResponse): boolean {
  return body.includes('Ada Lovelace');
}
