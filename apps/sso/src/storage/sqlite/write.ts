import type { SqliteDatabase } from '@samesite-sso/core';

/** @returns a function that runs the work as one write, rolled back as a whole if it throws */
export function prepareWrite<Input extends unknown[], Result>(
  database: SqliteDatabase,
  work: (...input: Input) => Result,
): (...input: Input) => Promise<Result> {
  return (...input) => database.write(() => work(...input));
}
