/**
 * Sign-ins, compared with Argon2id in a loop with the same parameters. What a sign-in does besides hashing
 * makes the ratio less than 1.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { workspace } from '../../scripts/node24.mjs';
import { signIn, signUp } from '../better-auth-requests.ts';
import { startPeer } from '../peers/peer.ts';
import { isSignedIn, startProduct } from '../product.ts';
import { rateTable } from '../rate-table.ts';
import { type HttpRequest, type HttpResponse, type IsExpected, send } from '../requests.ts';
import { compare, type Plan, type Subject, sendRepeatedly } from '../rounds.ts';
import type { Table } from '../table.ts';

/** Enough to keep a core busy, and few enough that no sign-in waits so long that the service refuses it. */
const SIGN_IN_CONNECTIONS = 2;

export async function passwordSignIn(plan: Plan): Promise<Table> {
  const product = await startProduct();
  const peer = await startPeer('better-auth');
  await send(peer.address, signUp(peer.address));
  const subjects = [
    argon2Loop,
    toSubject('this repository', product.sso.address, product.logins, isSignedIn),
    toSubject('`better-auth`, scrypt', peer.address, [signIn(peer.address)], hasSession),
  ];
  return rateTable(await compare(subjects, plan), { 'this repository': '≥ 0.9' });
}

function toSubject(name: string, address: string, requests: HttpRequest[], isExpected: IsExpected): Subject {
  return sendRepeatedly(name, address, requests, isExpected, { connections: SIGN_IN_CONNECTIONS });
}

function hasSession({ cookie }: HttpResponse): boolean {
  return cookie.includes('session_token=');
}

const argon2Loop: Subject = {
  name: 'Argon2id in a loop',
  measure: async (seconds) => {
    const program = join(workspace, 'bench/argon2-loop.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [program, String(seconds)]);
    return JSON.parse(stdout);
  },
};
