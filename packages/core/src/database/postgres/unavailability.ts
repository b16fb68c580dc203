/** Classifies errors of pg: the database can't be used now, it has rolled back, or the statement failed. */
import { HttpProblem } from '../../problem/http-problem.ts';

/** As pg throws it when the server reports an error. Other errors of pg are about the connection. */
interface ServerError extends Error {
  code: string;
  severity: string;
}

/**
 * SQLSTATE codes, or prefixes of them, that mean that the database can't be used now: connection (08), a
 * transaction that is read-only or too slow (25), login (28, 3D000), commit without an answer (40003),
 * resources such as the disk (53), lock timeout (55P03), shutdown or statement timeout (57), failing disk
 * (58), broken configuration or data (F0, XX).
 */
const UNAVAILABLE = /^(08|25006|25P0[34]|28|3D000|40003|53|55P03|57|58|F0|XX)/;

/** A limit of `time-limits.ts` has ended the statement. The connection remains usable. */
const LIMITED = /^(55P03|57014)$/;

/** Serialization failure and deadlock: the server has rolled back, so trying again is safe. */
const ROLLED_BACK = /^40(001|P01)$/;

function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'severity' in error && 'code' in error;
}

export function isLockTimeout(error: unknown): boolean {
  return isServerError(error) && error.code === '55P03';
}

export function isRolledBack(error: unknown): boolean {
  return isServerError(error) && ROLLED_BACK.test(error.code);
}

/**
 * Converts an error of pg to `unavailable` if the database can't be used now. Other errors, such as a
 * violated constraint or a mistake in a statement, are returned unchanged.
 *
 * @param error from connecting or from a query, never from other code
 */
export function toUnavailable(error: unknown): unknown {
  if (isServerError(error))
    return UNAVAILABLE.test(error.code) ? unavailable(describePostgresError(error)) : error;
  return unavailable(describePostgresError(error));
}

export function unavailable(logReason: string): HttpProblem {
  return new HttpProblem('unavailable', { logReason });
}

/** Whether the connection can be used again after this error. */
export function keepsConnection(error: unknown): boolean {
  return isServerError(error) && (LIMITED.test(error.code) || !UNAVAILABLE.test(error.code));
}

/** Returns one line. Node's `AggregateError`, for a host with several addresses, has no message. */
export function describePostgresError(error: unknown): string {
  if (error instanceof AggregateError)
    return [...new Set(error.errors.map(describePostgresError))].join(', ');
  if (!(error instanceof Error)) return String(error);
  return isServerError(error) ? `${error.code}: ${error.message}` : error.message;
}
