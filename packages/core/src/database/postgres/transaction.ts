/** Transactions that end by their deadline, and whose failures say whether their changes were made. */
import type { Attempt } from './attempt.ts';
import type { Connection, Result } from './connection-pool.ts';

export interface Transaction {
  /** Runs a statement. */
  query<Row = unknown>(text: string, values?: readonly unknown[]): Promise<Result<Row>>;
}

/** SQL and its parameters, as `toStatement` returns them. */
export type Statement = readonly [text: string, values?: readonly unknown[] | undefined];

/** Runs work between BEGIN and COMMIT, and rolls back if it isn't done by the deadline. */
export async function runTransaction<Value>(
  connection: Connection,
  attempt: Attempt,
  work: (transaction: Transaction) => Promise<Value>,
): Promise<Value> {
  const query = async <Row>(text: string, values?: readonly unknown[]) => {
    attempt.requireTime();
    return await connection.query<Row>(text, values);
  };
  // Awaited, because after a failed BEGIN each statement would be a transaction of its own.
  await connection.query(attempt.limits.begin);
  try {
    const value = await work({ query });
    attempt.requireTime();
    attempt.isCommitSent = true;
    if (!(await connection.commit()))
      throw new Error('Rolled back, because the work ignored the error of a statement.');
    return value;
  } catch (error) {
    // If this fails, the connection is closed, and the server rolls back.
    if (connection.isInTransaction()) await connection.query('ROLLBACK').catch(() => undefined);
    throw attempt.toOutcome(error);
  }
}

/**
 * Sends BEGIN, the statements and COMMIT together. If one fails, the server refuses the rest and rolls back.
 *
 * @returns the result of the last statement
 */
export async function runPipelined<Row>(
  connection: Connection,
  attempt: Attempt,
  ...statements: readonly Statement[]
): Promise<Result<Row>> {
  const begun = connection.query(attempt.limits.begin);
  const answers = statements.map((statement) => connection.query<Row>(...statement));
  const outcomes = await Promise.allSettled([begun, ...answers, connection.commit()]);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return (await answers.at(-1)) as Result<Row>;
  // If BEGIN and COMMIT were answered, the server has certainly rolled back. If BEGIN failed, for example
  // because an administrator canceled it, each statement was a transaction of its own.
  const isAnswered = [outcomes[0], outcomes.at(-1)].every((outcome) => outcome?.status === 'fulfilled');
  if (isAnswered) attempt.isCommitSent = false;
  throw attempt.toOutcome(failed.reason);
}
