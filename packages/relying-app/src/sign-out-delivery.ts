/**
 * Delivers recorded sign-outs from the whole site to the SSO service, until it has responded or the SSO
 * session has expired. A process claims a sign-out before it delivers it, so that two processes rarely
 * deliver the same one. While the SSO service fails, each process sends one at a time, with growing pauses.
 */
import { backoffMs, describeError } from '@samesite-sso/core';
import { SSO_PATHS } from '@samesite-sso/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { SsoClient } from './sso-client.ts';
import { CLAIM_MS, type SiteSignOutStore } from './storage/app-store.ts';

const REQUEST_TIMEOUT_MS = 2500;
const MAX_CONCURRENT_REQUESTS = 16;
/** How often to check for sign-outs that a process recorded and didn't deliver before it died. */
const POLL_INTERVAL_MS = 60_000;
/** The shortest pause after a failure, so that a client with old tokens can't cause a flood of requests. */
const MIN_PAUSE_MS = 1000;

interface Dependencies {
  signOuts: SiteSignOutStore;
  client: SsoClient;
  clock: () => number;
  log: Pick<FastifyBaseLogger, 'warn'>;
}

export class SignOutDelivery {
  readonly #signOuts: SiteSignOutStore;
  readonly #client: SsoClient;
  readonly #clock: () => number;
  readonly #log: Pick<FastifyBaseLogger, 'warn'>;
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #isWoken = false;
  #failures = 0;
  /** By `performance.now()`, like the two below: setting the clock back must not lengthen a pause. */
  #resumesAtMs = 0;
  #triedAtMs = Number.NEGATIVE_INFINITY;
  #retryRequestedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ signOuts, client, clock, log }: Dependencies) {
    this.#signOuts = signOuts;
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
  }

  /** Delivers what is due, unless the SSO service has just failed. */
  wake(): void {
    this.#isWoken = true;
    if (this.#stopped.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#running ??= this.#deliver().finally(() => {
      this.#running = null;
      if (this.#isWoken) this.wake(); // Woken after `#deliver` last read the sign-outs.
    });
  }

  /** Shortens the pause: a browser has sent a token of an SSO session that should have ended. */
  retrySoon(): void {
    this.#retryRequestedAtMs = performance.now();
    this.#resumesAtMs = Math.min(this.#resumesAtMs, this.#triedAtMs + MIN_PAUSE_MS);
    this.wake();
  }

  /** Resolves once nothing uses the database. Undelivered sign-outs stay in it. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #deliver(): Promise<void> {
    let pauseMs = 0;
    try {
      while (this.#isWoken) {
        this.#isWoken = false;
        do pauseMs = this.#pauseMs();
        while (pauseMs === 0 && (await this.#deliverBatch()));
      }
      if (!(await this.#signOuts.isPending(this.#clock()))) pauseMs = POLL_INTERVAL_MS;
      // Another process has claimed what is pending.
      else if (pauseMs === 0) pauseMs = CLAIM_MS;
    } catch (error) {
      // The database failed. It still holds the sign-outs.
      this.#pauseAfterFailure(describeError(error));
      pauseMs = this.#pauseMs();
    }
    if (!this.#stopped.signal.aborted) this.#timer = setTimeout(() => this.wake(), pauseMs).unref();
  }

  /** @returns whether more may be due now */
  async #deliverBatch(): Promise<boolean> {
    if (this.#stopped.signal.aborted) return false;
    const limit = this.#failures > 0 ? 1 : MAX_CONCURRENT_REQUESTS;
    const sids = await this.#signOuts.claim(limit, this.#clock());
    if (sids.length === 0) return false;
    this.#triedAtMs = performance.now();
    const failures = await Promise.all(sids.map((sid) => this.#send(sid)));
    if (failures.includes(null)) this.#failures = 0;
    const reason = failures.find((failure) => failure !== null);
    if (reason !== undefined) this.#pauseAfterFailure(reason);
    const delivered = sids.filter((_, index) => failures[index] === null);
    const failed = sids.filter((_, index) => failures[index] !== null);
    await this.#signOuts.settle(delivered, failed, this.#clock());
    return true;
  }

  /** @returns the reason of a failure, or null */
  async #send(sid: string): Promise<string | null> {
    const signal = AbortSignal.any([AbortSignal.timeout(REQUEST_TIMEOUT_MS), this.#stopped.signal]);
    try {
      const { status } = await this.#client.post(SSO_PATHS.endSession, { sid }, signal);
      return status === 200 ? null : `responded ${status}`;
    } catch (error) {
      return (error as Error).message;
    }
  }

  #pauseAfterFailure(reason: string): void {
    if (this.#stopped.signal.aborted) return;
    this.#failures += 1;
    const isRequested = this.#retryRequestedAtMs >= this.#triedAtMs;
    this.#resumesAtMs = performance.now() + (isRequested ? MIN_PAUSE_MS : backoffMs(this.#failures));
    this.#log.warn({ reason, failures: this.#failures }, 'delivering a sign-out to the SSO service failed');
  }

  #pauseMs(): number {
    return Math.max(0, this.#resumesAtMs - performance.now());
  }
}
