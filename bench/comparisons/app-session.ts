/**
 * Step 4: the app's server verifies the token, introspects it at the SSO service, and starts an app session.
 * Both servers work for each request, so the processor time of each is what counts.
 */
import { startPeer } from '../peers/peer.ts';
import { isSignedIn, startProduct } from '../product.ts';
import { bareSubject } from '../rate-table.ts';
import { compare, type Plan, sendOnce } from '../rounds.ts';
import type { Table } from '../table.ts';

export async function appSession(plan: Plan): Promise<Table> {
  // A round's tokens are issued before it begins.
  const product = await startProduct({ sso: { SSO_TOKEN_SECONDS: '600' } });
  const bare = await startPeer('bare');
  const cookies = await product.startSessions();
  const prepare = async (count: number) =>
    (await product.issueTokens(cookies, count)).map(product.startAppSession);
  const pids = [product.foo.pid ?? 0, product.sso.pid ?? 0];
  const subjects = [
    bareSubject(bare),
    { ...sendOnce('step 4', product.foo.address, prepare, isSignedIn), pids },
  ];
  const [, step4] = await compare(subjects, plan);
  if (step4 === undefined) throw new Error('step 4 was not measured');
  const [app = null, sso = null] = step4.cpuMs;
  return {
    headings: ['', 'both, ms of processor time', 'goal', 'app', 'SSO service', 'requests/s', 'ratio'],
    rows: [[step4.name, step4.totalCpuMs, '≤ 2.0', app, sso, step4.perSecond.median, step4.ratio]],
  };
}
