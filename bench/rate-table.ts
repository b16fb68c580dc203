/** The bare Fastify server that most rates are compared with, and the table of such a comparison. */
import type { Peer } from './peers/peer.ts';
import { type Subject, type SubjectResult, sendRepeatedly } from './rounds.ts';
import type { Table } from './table.ts';

export function bareSubject({ address }: Peer): Subject {
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', path: '/', headers, body: JSON.stringify({ request: 'login status' }) };
  return sendRepeatedly('bare Fastify POST', address, [request], ({ body }) => body.includes('"signed out"'));
}

/** @param goals ratios by the name of the subject */
export function rateTable(
  results: readonly SubjectResult[],
  goals: Readonly<Record<string, string>> = {},
): Table {
  return {
    headings: ['', 'ratio', 'goal', 'requests/s', 'p50 ms', 'p99 ms'],
    rows: results.map(({ name, ratio, perSecond, p50Ms, p99Ms }) => [
      name,
      ratio,
      goals[name] ?? null,
      perSecond.median,
      p50Ms.median,
      p99Ms.median,
    ]),
  };
}
