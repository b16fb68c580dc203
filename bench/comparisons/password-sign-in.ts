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
import { send } from '../requests.ts';
import { compare, type Plan, type Subject, sendRepeatedly } from '../rounds.ts';
import type { Table } from '../table.ts';

/** In a shorter round, `better-auth` may send no response to 32 sign-ins at once. */
const MIN_ROUND_SECONDS = 3;

export async function passwordSignIn(plan: Plan): Promise<Table> {
  const product = await startProduct();
  const peer = await startPeer('better-auth');
  await send(peer.address, signUp(peer.address));
  const subjects = [
    argon2Loop,
    sendRepeatedly('this repository', product.sso.address, product.logins, isSignedIn),
    sendRepeatedly('`better-auth`, scrypt', peer.address, [signIn(peer.address)], ({ cookie }) =>
      cookie.includes('session_token='),
    ),
  ];
  const roundSeconds = Math.max(plan.roundSeconds, MIN_ROUND_SECONDS);
  return rateTable(await compare(subjects, { ...plan, roundSeconds }), { 'this repository': '≥ 0.9' });
}

const argon2Loop: Subject = {
  name: 'Argon2id in a loop',
  measure: async (seconds) => {
    const program = join(workspace, 'bench/argon2-loop.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [program, String(seconds)]);
    return JSON.parse(stdout);
  },
};
