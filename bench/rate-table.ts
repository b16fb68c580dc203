/** The bare Fastify server that every rate is compared with, and the table of such a comparison. */
import type { Peer } from './peers/peer.ts';
import { type Comparison, repeated, type Subject } from './rounds.ts';
import type { Table } from './table.ts';

export function bareSubject({ address }: Peer): Subject {
  const headers = { 'content-type': 'application/json' };
  return repeated('bare Fastify POST', address, [
    { method: 'POST', path: '/', headers, body: JSON.stringify({ request: 'login status' }) },
  ]);
}

/** @param goals ratios by the name of the subject */
export function rateTable(
  comparisons: readonly Comparison[],
  goals: Readonly<Record<string, string>> = {},
): Table {
  return {
    headings: ['', 'ratio', 'goal', 'requests/s', 'p50 ms', 'p99 ms'],
    rows: comparisons.map(({ name, ratio, perSecond, p50Ms, p99Ms }) => [
      name,
      ratio,
      goals[name] ?? null,
      perSecond.median,
      p50Ms.median,
      p99Ms.median,
    ]),
  };
}
