/**
 * Steps 2 and 3 of one person while 32 others sign in, compared with quiet rounds in between: password
 * hashing takes all the processor time that it can get.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type HttpRequest, type Load, load, loadAllowingFailures } from '../load/load.ts';
import { startProduct } from '../product.ts';
import { CONNECTIONS, type Plan } from '../rounds.ts';
import { pairedRatios, quartiles } from '../statistics.ts';
import type { Cell, Table } from '../table.ts';

/** The sign-ins begin before the measurement and end after it. */
const MARGIN_SECONDS = 1;

export async function underSignIns(plan: Plan): Promise<Table> {
  const product = await startProduct();
  const { address } = product.sso;
  const [cookie = ''] = product.startSessions();
  const measure = async (name: string, request: HttpRequest): Promise<Cell[]> => {
    const quiet: Load[] = [];
    const busy: Load[] = [];
    const signIns: number[] = [];
    const one = () => load(address, [request], { seconds: plan.roundSeconds, connections: 1 });
    await one();
    for (let round = 1; round <= plan.rounds; round += 1) {
      quiet.push(await one());
      const crowd = signInFor(plan.roundSeconds + 2 * MARGIN_SECONDS);
      await delay(MARGIN_SECONDS * 1000);
      busy.push(await one());
      const { responses, seconds } = await crowd;
      signIns.push(responses / seconds);
    }
    const of = (loads: readonly Load[], percentile: 'p50Ms' | 'p99Ms') =>
      loads.map((each) => each[percentile]);
    const ratio = (percentile: 'p50Ms' | 'p99Ms') =>
      quartiles(pairedRatios(of(busy, percentile), of(quiet, percentile)));
    const median = (loads: readonly Load[], percentile: 'p50Ms' | 'p99Ms') =>
      quartiles(of(loads, percentile)).median;
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
    await measure('step 2', product.loginStatus(cookie)),
    await measure('step 3', product.token(cookie)),
  ];
  return {
    headings: ['', 'p50 ratio', 'p99 ratio', 'p50 quiet, ms', 'busy', 'p99 quiet, ms', 'busy', 'sign-ins/s'],
    rows: [...rows, ['goal', '≤ 1.5', '≤ 2.0', null, null, null, null, null]],
  };
}
