/** Sign-ins, beside Argon2id in a loop with the same parameters: what is missing to 1 is everything else. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { workspace } from '../../scripts/node24.mjs';
import { signIn as betterAuthSignIn, signUp } from '../better-auth-requests.ts';
import { startPeer } from '../peers/peer.ts';
import { expectResponse, send, startProduct } from '../product.ts';
import { rateTable } from '../rate-table.ts';
import { compare, type Plan, repeated, type Subject } from '../rounds.ts';
import type { Table } from '../table.ts';

/** In a second, a password hash of the slowest isn't done. */
const MIN_SECONDS = 3;

export async function signIn(plan: Plan): Promise<Table> {
  const product = await startProduct();
  const peer = await startPeer('better-auth');
  await send(peer.address, signUp(peer.address));
  for (const login of product.logins.slice(0, 1)) {
    await expectResponse(product.sso.address, login, '"signed in"');
  }
  const subjects = [
    argon2Loop,
    repeated('this repository', product.sso.address, product.logins),
    repeated('`better-auth`, scrypt', peer.address, [betterAuthSignIn(peer.address)]),
  ];
  const results = await compare(subjects, {
    ...plan,
    roundSeconds: Math.max(plan.roundSeconds, MIN_SECONDS),
  });
  return rateTable(results, { 'this repository': '≥ 0.9' });
}

const argon2Loop: Subject = {
  name: 'Argon2id in a loop',
  measure: async (seconds) => {
    const program = join(workspace, 'bench/argon2-loop.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [program, String(seconds)]);
    return JSON.parse(stdout);
  },
};
