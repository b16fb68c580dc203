/**
 * Starts and ends of one SSO session's app sessions run one after the other, in all instances. Each first
 * takes a lock for its `sid`, which the end of its transaction releases. Row locks wouldn't do: a logout must
 * also wait for a session that another instance is just inserting.
 */
import type { PostgresDatabase, Result, Statement } from '@samesite-sso/core';

/** `sid` must be text. If two hashes collide, one transaction waits for the other; nothing else changes. */
export const LOCK_KEY = 'hashtextextended(sid, 0)';

/**
 * Runs a statement under the locks of some SSO sessions, in one round trip. It sees all that was committed
 * before it got them, because each statement of the transaction has a snapshot of its own.
 *
 * @param sids a query for their `sid`s. All callers lock in the same order, so they can't deadlock.
 */
export async function writeUnderLocks(
  database: PostgresDatabase,
  [query, values]: Statement,
  statement: Statement,
): Promise<Result<unknown>> {
  const lock = `SELECT pg_advisory_xact_lock(key)
    FROM (SELECT DISTINCT ${LOCK_KEY} AS key FROM (${query}) AS concerned ORDER BY key) AS ordered`;
  return await database.writeAll([lock, values], statement);
}
