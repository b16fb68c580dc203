/**
 * Steps 2 and 3 of one person while 32 others sign in, compared with quiet rounds in between: password
 * hashing takes all the processor time that it can get.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Load, load, loadAllowingFailures } from '../load/load.ts';
import { isSignedIn, startProduct } from '../product.ts';
import { CONNECTIONS, expectResponse, type HttpRequest, hasJwt, type IsExpected } from '../requests.ts';
import type { Plan } from '../rounds.ts';
import { pairedRatios, quartiles } from '../statistics.ts';
import type { Cell, Table } from '../table.ts';

/** The sign-ins begin before the measurement and end after it. */
const MARGIN_SECONDS = 1;

export async function underSignIns(plan: Plan): Promise<Table> {
  const product = await startProduct();
  const { address } = product.sso;
  const [cookie = ''] = await product.startSessions();
  const measure = async (name: string, request: HttpRequest, isExpected: IsExpected): Promise<Cell[]> => {
    const quiet: Load[] = [];
    const busy: Load[] = [];
    const signIns: number[] = [];
    const measureOnce = () => load(address, [request], { seconds: plan.roundSeconds, connections: 1 });
    await expectResponse(address, request, isExpected);
    if (!plan.isQuick) await measureOnce();
    for (let round = 1; round <= plan.rounds; round += 1) {
      quiet.push(await measureOnce());
      const signingIn = signInFor(plan.roundSeconds + 2 * MARGIN_SECONDS);
      await delay(MARGIN_SECONDS * 1000);
      busy.push(await measureOnce());
      const { responses, failures, seconds } = await signingIn;
      signIns.push((responses - failures) / seconds);
    }
    await expectResponse(address, request, isExpected);
    const percentilesOf = (loads: readonly Load[], percentile: 'p50Ms' | 'p99Ms') =>
      loads.map((each) => each[percentile]);
    const ratio = (percentile: 'p50Ms' | 'p99Ms') =>
      quartiles(pairedRatios(percentilesOf(busy, percentile), percentilesOf(quiet, percentile)));
    const median = (loads: readonly Load[], percentile: 'p50Ms' | 'p99Ms') =>
      quartiles(percentilesOf(loads, percentile)).median;
    return [
      name,
      ratio('p50Ms'),
      ratio('p99Ms'),
      ...[median(quiet, 'p50Ms'), median(busy, 'p50Ms'), median(quiet, 'p99Ms'), median(busy, 'p99Ms')],
      quartiles(signIns).median,
    ];
  };
  /** The service refuses sign-ins that would wait too long, so some may fail. */
  const signInFor = (seconds: number) =>
    loadAllowingFailures(address, product.logins, { seconds, connections: CONNECTIONS });
  const rows = [
    await measure('step 2', product.loginStatus(cookie), isSignedIn),
    await measure('step 3', product.token(cookie), hasJwt('token')),
  ];
  const latencies = ['p50 quiet, ms', 'p50 busy, ms', 'p99 quiet, ms', 'p99 busy, ms'];
  return {
    headings: ['', 'p50 ratio', 'p99 ratio', ...latencies, 'sign-ins/s'],
    rows: [...rows, ['goal', '≤ 1.5', '≤ 2.0', null, null, null, null, null]],
  };
}
