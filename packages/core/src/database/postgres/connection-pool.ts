/** A connection pool. Each connection returns to it or is closed, and no request waits past its deadline. */
import { setTimeout as delay } from 'node:timers/promises';
import pg, { type PoolClient } from 'pg';
import type { PostgresUrl } from '../postgres-url.ts';
import type { Attempt } from './attempt.ts';
import { Client, toClientConfig } from './connection.ts';
import { CONNECT_TIMEOUT_MS } from './time-limits.ts';
import { keepsConnection, toUnavailable, unavailable } from './unavailability.ts';

const IDLE_TIMEOUT_MS = 60_000;
/** Connections are renewed, so that they follow a fail-over by DNS. */
const MAX_LIFETIME_SECONDS = 600;
const CLOSE_TIMEOUT_MS = 2000;

export interface Result<Row> {
  rows: Row[];
  /** How many rows the statement returned or changed. */
  count: number;
}

/** A connection, while one piece of work holds it. */
export interface Connection {
  /**
   * Sends a statement at once, without waiting for the answers to earlier ones.
   *
   * @throws {HttpProblem} `unavailable`; other errors of the server as they are
   */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Result<Row>>;
  /** Returns false if the server rolled back, because an earlier statement had failed. */
  commit(): Promise<boolean>;
  isInTransaction(): boolean;
}

export class ConnectionPool {
  readonly #pool: pg.Pool;
  readonly #clients = new Set<PoolClient>();
  #closed: Promise<void> | undefined;

  constructor(url: PostgresUrl) {
    this.#pool = new pg.Pool({
      ...toClientConfig(url, CONNECT_TIMEOUT_MS),
      Client,
      max: url.settings.poolSize,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
    });
    this.#pool.on('connect', (client) => this.#clients.add(client));
    this.#pool.on('remove', (client) => this.#clients.delete(client));
    // The pool removes an idle connection that is lost. Without a listener, the error would end the process.
    this.#pool.on('error', () => {});
  }

  /**
   * Runs work on a connection. At the deadline the caller gets `unavailable`, but the work keeps the
   * connection until its statement has ended.
   *
   * @throws {HttpProblem} `unavailable` when no connection is free in time, and at the deadline
   */
  use<Value>(attempt: Attempt, work: (connection: Connection) => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(attempt.end()), attempt.deadlineAtMs - performance.now());
      this.#connect()
        .then((client) => workWith(client, attempt, work))
        .then(resolve, reject)
        .finally(() => clearTimeout(timer));
    });
  }

  /**
   * Opens all connections, one after the other, until one fails. Requests would otherwise open them at once
   * when a process has just started, and that takes longer than they may wait.
   */
  async fill(): Promise<void> {
    const clients: PoolClient[] = [];
    try {
      while (clients.length < this.#pool.options.max) {
        clients.push(await this.#pool.connect());
      }
    } catch {
      // Requests that need a connection report the reason.
    }
    for (const client of clients) client.release();
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw toUnavailable(error);
    }
  }

  /** Lets running work end, but not for longer than 2 s. */
  close(): Promise<void> {
    this.#closed ??= Promise.race([this.#pool.end(), this.#destroyLate()]);
    return this.#closed;
  }

  async #destroyLate(): Promise<void> {
    // This timer alone doesn't keep the process running.
    await delay(CLOSE_TIMEOUT_MS, undefined, { ref: false });
    for (const client of this.#clients) destroy(client);
  }
}

/** Releases the connection when the work has ended, or destroys it when that takes too long. */
async function workWith<Value>(
  client: PoolClient,
  attempt: Attempt,
  work: (connection: Connection) => Promise<Value>,
): Promise<Value> {
  let isBroken = false;
  let isReleased = false;
  const release = () => {
    if (isReleased) return;
    isReleased = true;
    clearTimeout(timer);
    client.release(isBroken || client.getTransactionStatus() !== 'I');
  };
  const timer = setTimeout(() => {
    isBroken = true; // Otherwise the pool might give it to somebody else before it notices.
    destroy(client);
    release();
  }, attempt.limits.maxBusyMs);
  const send = async (text: string, values?: readonly unknown[]) => {
    if (isReleased) throw unavailable('its connection was already released');
    try {
      return await client.query(text, values as unknown[]);
    } catch (error) {
      isBroken ||= !keepsConnection(error);
      throw toUnavailable(error);
    }
  };
  const connection: Connection = {
    async query(text, values) {
      const { rows, rowCount } = await send(text, values);
      return { rows, count: rowCount ?? 0 };
    },
    async commit() {
      const { command } = await send('COMMIT');
      return command === 'COMMIT';
    },
    isInTransaction: () => client.getTransactionStatus() !== 'I',
  };
  try {
    attempt.requireTime();
    return await work(connection);
  } finally {
    release();
  }
}

/** Closes the socket, because `end` waits for all outstanding answers in pipeline mode. */
function destroy(client: PoolClient): void {
  client.connection.stream.destroy();
}
