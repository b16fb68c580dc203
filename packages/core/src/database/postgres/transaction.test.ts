import { expect, it } from 'vitest';
import { describeError } from '../../problem/http-problem.ts';
import { Attempt } from './attempt.ts';
import type { Connection } from './connection-pool.ts';
import { REQUEST_LIMITS } from './time-limits.ts';
import { runPipelined } from './transaction.ts';
import { unavailable } from './unavailability.ts';

/** @param failing messages that are refused or not answered */
async function reasonWhen(...failing: readonly string[]): Promise<string> {
  const attempt = new Attempt(Number.POSITIVE_INFINITY);
  attempt.isCommitSent = true;
  const send = async (text: string) => {
    if (failing.includes(text)) throw unavailable(`${text.split(' ', 1)[0]} failed`);
    return { rows: [], count: 0 };
  };
  const connection: Connection = {
    query: send,
    commit: async () => (await send('COMMIT')) && failing.length === 0,
    isInTransaction: () => false,
  };
  return await runPipelined(connection, attempt, ['LOCK'], ['UPDATE']).then(() => 'done', describeError);
}

it.each([
  ['is known if everything was answered', [], 'done'],
  ['is known if the server refused a statement', ['UPDATE'], 'UPDATE failed'],
  ['is known by the first statement that it refused', ['LOCK', 'UPDATE'], 'LOCK failed'],
  ['is unknown without an answer to COMMIT', ['COMMIT'], 'the outcome of COMMIT is unknown: COMMIT failed'],
  ['is unknown without any answer', ['UPDATE', 'COMMIT'], 'the outcome of COMMIT is unknown: UPDATE failed'],
  // Each statement was then a transaction of its own.
  ['is unknown if BEGIN failed', [REQUEST_LIMITS.begin], 'the outcome of COMMIT is unknown: BEGIN failed'],
])('the outcome of statements that were sent together %s', async (_when, failing, reason) => {
  expect(await reasonWhen(...failing)).toBe(reason);
});
