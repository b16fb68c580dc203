/** A request and its response as the reporter observes and reports them. */
import { randomBytes } from 'node:crypto';
import type { Exchange, ProcessName } from '../exchange/exchange.ts';
import type { RedactedMessage } from './redaction/messages.ts';

/** An exchange that is redacted, but whose JWTs aren't checked yet. */
export type PendingExchange = Omit<Exchange, 'request' | 'response'> & {
  readonly request: RedactedMessage;
  readonly response: (RedactedMessage & { readonly status: number }) | null;
};

/** The process that observes, its site, and where its reports go. */
export interface Observer {
  readonly reporter: ProcessName;
  /** The origins of the site's servers. */
  readonly origins: ReadonlySet<unknown>;
  readonly report: Report;
}

/** Accepts an exchange for reporting. It must neither throw nor wait. */
export type Report = (exchange: PendingExchange) => void;

// The limits of the `Exchange` schema.
const MAX_METHOD_LENGTH = 20;
const MAX_PATH_LENGTH = 500;
const MAX_HOST_LENGTH = 300;

/** Differs at each start, so that ids are never reused. */
const startId = randomBytes(6).toString('base64url');
let lastNumber = 0;

/** One exchange over time. Each of its methods reports it, under the same id. */
export class Observation {
  readonly #report: Report;
  readonly #startedAtMs = performance.now();
  #exchange: PendingExchange;

  constructor(
    report: Report,
    reporter: ProcessName,
    start: Pick<PendingExchange, 'direction' | 'client' | 'clientPort' | 'method' | 'path' | 'host'>,
  ) {
    lastNumber += 1;
    this.#report = report;
    this.#exchange = {
      ...start,
      id: `${reporter}-${startId}-${lastNumber}`,
      reporter,
      method: start.method.slice(0, MAX_METHOD_LENGTH),
      path: start.path.slice(0, MAX_PATH_LENGTH),
      host: start.host.slice(0, MAX_HOST_LENGTH),
      startedAt: Date.now(),
      durationMs: null,
      purpose: 'other',
      request: { fields: [], body: null, tokens: [] },
      response: null,
      error: null,
    };
  }

  /** Reports the request once it is complete. */
  reportRequest(seen: Partial<Pick<PendingExchange, 'clientPort' | 'host' | 'purpose' | 'request'>>): void {
    this.#exchange = { ...this.#exchange, ...seen };
    this.#report(this.#exchange);
  }

  /** Reports the complete response, or why there won't be one. */
  reportEnd(end: Pick<PendingExchange, 'response' | 'error'>): void {
    const durationMs = performance.now() - this.#startedAtMs;
    this.#exchange = { ...this.#exchange, ...end, durationMs: Math.round(durationMs * 100) / 100 };
    this.#report(this.#exchange);
  }
}
