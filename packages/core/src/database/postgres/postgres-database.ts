/** Opens a PostgreSQL database, migrates it to the newest schema, and handles its failures for all stores. */
import { setTimeout as delay } from 'node:timers/promises';
import { HttpProblem } from '../../problem/http-problem.ts';
import type { PostgresUrl } from '../postgres-url.ts';
import { Attempt } from './attempt.ts';
import type { Connection, ConnectionPool, Result } from './connection-pool.ts';
import type { Program } from './prepare-database.ts';
import { BULK_LIMITS, REQUEST_LIMITS, type TimeLimits } from './time-limits.ts';
import { runPipelined, runTransaction, type Statement, type Transaction } from './transaction.ts';
import { describePostgresError, isRolledBack, unavailable } from './unavailability.ts';

export type { Result, Statement, Transaction };

const MAX_RETRIES = 3;
/** The longest delay before the first retry. It doubles for each further one. */
const RETRY_DELAY_MS = 20;

/** Beyond this, instances would disagree about which tokens have expired. */
const MAX_CLOCK_OFFSET_MS = 2000;

const CLOCK = '(extract(epoch FROM clock_timestamp()) * 1000)::int8 AS now';
const READ_CLOCK = `SELECT ${CLOCK}`;
/** On a full disk, changing a row mostly succeeds: its page has space left. A new table needs some. */
const TAKE_SPACE = 'CREATE TEMPORARY TABLE samesite_sso_space ON COMMIT DROP AS SELECT 1';
/** A write that changes nothing. */
const WRITE_AND_READ_CLOCK = `UPDATE samesite_sso_schema SET version = version RETURNING ${CLOCK}`;

interface Options {
  /** Refuses the database of the other program. */
  program: Program;
  /** SQL scripts in order; each runs once, and new ones are appended. */
  migrations: readonly string[];
  clock?: (() => number) | undefined;
  /** Whether the process serves requests. If so, `open` opens all connections in advance. */
  isServing?: boolean | undefined;
  /** Receives a sentence for the log. */
  warn?: ((message: string) => void) | undefined;
}

export class PostgresDatabase {
  readonly #pool: ConnectionPool;
  readonly #hasReadLimit: boolean;
  readonly #clock: () => number;
  readonly #warn: (message: string) => void;
  #hasFailed = false;
  #wasOnTime = true;

  private constructor(
    pool: ConnectionPool,
    hasReadLimit: boolean,
    { clock = Date.now, warn = () => {} }: Options,
  ) {
    this.#pool = pool;
    this.#hasReadLimit = hasReadLimit;
    this.#clock = clock;
    this.#warn = warn;
  }

  /**
   * @throws {DatabaseError} when the server can't be reached or is unsuitable, or the schema is newer or not
   *   this program's; then nothing is changed
   */
  static async open(url: PostgresUrl, options: Options): Promise<PostgresDatabase> {
    // Imported here, so that an installation with SQLite doesn't load pg.
    const { ConnectionPool } = await import('./connection-pool.ts');
    const { prepareDatabase } = await import('./prepare-database.ts');
    const { hasReadLimit } = await prepareDatabase(url, options.program, options.migrations);
    const pool = new ConnectionPool(url);
    if (options.isServing) await pool.fill();
    return new PostgresDatabase(pool, hasReadLimit, options);
  }

  /**
   * Runs a statement that reads, in one round trip. It is sent alone, without a transaction around it, if the
   * role has a time limit of its own.
   *
   * @throws {HttpProblem} `unavailable`, within 1 s
   */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Result<Row>> {
    return this.#run((connection, attempt) =>
      this.#hasReadLimit
        ? connection.query<Row>(text, values)
        : runPipelined<Row>(connection, attempt, [text, values]),
    );
  }

  /**
   * Runs a statement that writes, in a transaction of its own, in one round trip.
   *
   * @throws {HttpProblem} `unavailable`, within 1 s. If the server doesn't answer, the change may have been
   *   made; the reason for the log says so.
   */
  write<Row>(text: string, values?: readonly unknown[]): Promise<Result<Row>> {
    return this.writeAll([text, values]);
  }

  /**
   * Runs statements in one transaction and one round trip. Each sees what was committed before it began, so
   * after a statement that takes a lock, the next one sees what the lock waited for.
   *
   * @returns the result of the last one
   * @throws {HttpProblem} `unavailable`, as `write` does
   */
  writeAll<Row>(...statements: readonly Statement[]): Promise<Result<Row>> {
    return this.#run((connection, attempt) => {
      attempt.isCommitSent = true;
      return runPipelined<Row>(connection, attempt, ...statements);
    });
  }

  /**
   * Runs a READ COMMITTED transaction. A deadlock makes it run again, so the work must have no other effects.
   *
   * @throws {HttpProblem} `unavailable`, within 1 s. If COMMIT isn't answered, the changes may have been
   *   made, as with `write`. Otherwise nothing was changed.
   * @param isBulk whether it may take minutes: only while the process serves no requests
   */
  transact<Value>(
    work: (transaction: Transaction) => Promise<Value>,
    { isBulk = false } = {},
  ): Promise<Value> {
    const limits = isBulk ? BULK_LIMITS : REQUEST_LIMITS;
    return this.#run((connection, attempt) => runTransaction(connection, attempt, work), limits);
  }

  /** Repeats only what the server is certain to have rolled back. */
  async #run<Value>(
    work: (connection: Connection, attempt: Attempt) => Promise<Value>,
    limits: TimeLimits = REQUEST_LIMITS,
  ): Promise<Value> {
    const deadlineAtMs = performance.now() + limits.deadlineMs;
    for (let retries = 0; ; retries += 1) {
      const attempt = new Attempt(deadlineAtMs, limits);
      try {
        return await this.#pool.use(attempt, (connection) => work(connection, attempt));
      } catch (error) {
        if (!isRolledBack(error) || retries === MAX_RETRIES) throw this.#toFailure(error);
        await delay(Math.random() * RETRY_DELAY_MS * 2 ** retries);
      }
    }
  }

  #toFailure(error: unknown): unknown {
    const failure = isRolledBack(error) ? unavailable(describePostgresError(error)) : error;
    if (failure instanceof HttpProblem && failure.code === 'unavailable') this.#hasFailed = true;
    return failure;
  }

  /**
   * Returns within 1 s whether the database can be used. After a failure, it must also accept a write, since
   * a standby, or a server with a full disk, can still be read. Without a failure nothing is written, because
   * any client can request this check. The clocks of this process and of the server must also agree within
   * 2 s.
   */
  async isReady(): Promise<boolean> {
    const hadFailed = this.#hasFailed;
    try {
      const startedAt = this.#clock();
      const { rows } = await (hadFailed
        ? this.#tryWrites<{ now: number }>()
        : this.query<{ now: number }>(READ_CLOCK));
      // A write may have failed during a check that only read.
      if (hadFailed) this.#hasFailed = false;
      return this.#compareClocks(startedAt, rows[0]?.now ?? Number.NaN, this.#clock());
    } catch {
      return false;
    }
  }

  async #tryWrites<Row>(): Promise<Result<Row>> {
    try {
      return await this.writeAll<Row>([TAKE_SPACE], [WRITE_AND_READ_CLOCK]);
    } catch (error) {
      if (error instanceof HttpProblem) throw error;
      return await this.write<Row>(WRITE_AND_READ_CLOCK); // The role may create no temporary tables.
    }
  }

  /**
   * Whether the clocks of this process and of the server agree within 2 s. Housekeeping that ends or deletes
   * rows by time waits until they do: a process whose clock is a day ahead would end everybody's sessions.
   *
   * @throws {HttpProblem} `unavailable`
   */
  async isOnTime(): Promise<boolean> {
    const startedAt = this.#clock();
    const { rows } = await this.query<{ now: number }>(READ_CLOCK);
    return this.#compareClocks(startedAt, rows[0]?.now ?? Number.NaN, this.#clock());
  }

  /** The server read its clock between the two times, so any value between them counts as no offset. */
  #compareClocks(startedAt: number, serverTime: number, endedAt: number): boolean {
    const offsetMs = Math.max(startedAt - serverTime, serverTime - endedAt);
    const isOnTime = offsetMs <= MAX_CLOCK_OFFSET_MS;
    if (!isOnTime && this.#wasOnTime) {
      const seconds = Math.round(offsetMs / 1000);
      this.#warn(`not ready: the clock differs by ${seconds} s from the clock of the database's server`);
    }
    this.#wasOnTime = isOnTime;
    return isOnTime;
  }

  /** Lets running work end, but doesn't wait for it longer than 2 s. */
  close(): Promise<void> {
    return this.#pool.close();
  }
}
