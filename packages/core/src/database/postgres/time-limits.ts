/**
 * Limits that let every call be answered within 1 s. They are set in each transaction: a pooler such as
 * PgBouncer refuses startup parameters, and gives the session to others between transactions.
 */

/** How long a request waits for a free or a new connection. */
export const CONNECT_TIMEOUT_MS = 800;

export interface TimeLimits {
  /** From the call until its caller gets an answer, including retries. */
  readonly deadlineMs: number;
  /**
   * How long a connection may stay busy after its caller got an answer. Meanwhile the pool doesn't replace
   * it: behind a locked table, each replacement would make one more process of the server wait.
   */
  readonly maxBusyMs: number;
  /** Begins a transaction and sets the server's limits, in one message. */
  readonly begin: string;
}

export const REQUEST_LIMITS: TimeLimits = {
  deadlineMs: 850,
  maxBusyMs: 5000,
  begin: toBegin({ lockMs: 300, statementMs: 600, idleMs: 5000 }),
};

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** For a command that adds or moves any number of rows in one transaction. Nobody waits for a response. */
export const BULK_LIMITS: TimeLimits = {
  deadlineMs: DAY_MS,
  maxBusyMs: DAY_MS,
  begin: toBegin({ lockMs: 5000, statementMs: 10 * MINUTE_MS, idleMs: MINUTE_MS }),
};

function toBegin(limits: { lockMs: number; statementMs: number; idleMs: number }): string {
  return [
    'BEGIN ISOLATION LEVEL READ COMMITTED',
    `SET LOCAL lock_timeout = ${limits.lockMs}`,
    `SET LOCAL statement_timeout = ${limits.statementMs}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${limits.idleMs}`,
  ].join('; ');
}
