/**
 * Step 4: the app's server verifies the token, introspects it at the SSO service, and starts an app session.
 * Both servers work for each request, so the processor time of each is what counts.
 */
import { startPeer } from '../peers/peer.ts';
import { expectResponse, startProduct } from '../product.ts';
import { bareSubject } from '../rate-table.ts';
import { compare, once, type Plan } from '../rounds.ts';
import type { Table } from '../table.ts';

export async function appSession(plan: Plan): Promise<Table> {
  // Tokens of one round are issued before it.
  const product = await startProduct({ sso: { SSO_TOKEN_SECONDS: '600' } });
  const bare = await startPeer('bare');
  const cookies = product.startSessions();
  const prepare = async (count: number) => (await product.issueTokens(cookies, count)).map(product.redeem);
  for (const request of await prepare(1)) {
    await expectResponse(product.foo.address, request, '"signed in"');
  }
  const pids = [product.foo.pid ?? 0, product.sso.pid ?? 0];
  const subjects = [bareSubject(bare), { ...once('step 4', product.foo.address, prepare), pids }];
  const results = await compare(subjects, plan);
  const [, step4] = results;
  if (step4 === undefined) throw new Error('step 4 was not measured');
  const [app = null, sso = null] = step4.cpuMs;
  return {
    headings: ['', 'app, ms of processor', 'goal', 'SSO service, ms', 'requests/s of both', 'ratio'],
    rows: [[step4.name, app, '≤ 2.0 for both', sso, step4.perSecond.median, step4.ratio]],
  };
}
