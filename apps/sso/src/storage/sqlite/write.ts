import type { Database } from '@samesite-sso/core';

/** @returns a function that does the work in one transaction, which takes the write lock first */
export function prepareWrite<Input extends unknown[], Result>(
  database: Database,
  work: (...input: Input) => Result,
): (...input: Input) => Promise<Result> {
  const transaction = database.sqlite.transaction(work);
  return (...input) => database.run(() => transaction.immediate(...input));
}
