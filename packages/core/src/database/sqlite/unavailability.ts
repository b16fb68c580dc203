/** Recognizes a database that can't be used now, and says how long to wait for another process's lock. */
import Sqlite from 'better-sqlite3';
import { HttpProblem } from '../../problem/http-problem.ts';

/** Well below the second within which a client must get its response. */
export const LOCK_TIMEOUT_MS = 300;
export const LOCK_RETRY_MS = 10;

type SqliteError = InstanceType<typeof Sqlite.SqliteError>;

const UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|CORRUPT|NOTADB|PROTOCOL)/;
const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/;
const LOCKED = /^SQLITE_(BUSY|LOCKED)/;

/** Whether SQLite's result code means that the database can't be used now, regardless of the statement. */
export function isUnavailable(error: unknown): error is SqliteError {
  return error instanceof Sqlite.SqliteError && UNAVAILABLE.test(error.code);
}

export function isDamaged({ code }: SqliteError): boolean {
  return DAMAGED.test(code);
}

/** @param error thrown by `Database.attempt` */
export function isLocked(error: unknown): boolean {
  return error instanceof HttpProblem && LOCKED.test(error.logReason ?? '');
}
