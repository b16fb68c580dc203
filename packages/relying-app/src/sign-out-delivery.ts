/**
 * Tells the SSO service about sign-outs from the whole site, until it has answered or the SSO session has
 * expired. The page is done once the app's server has recorded the sign-out, so neither a closed tab nor an
 * SSO service that is down keeps a session alive.
 *
 * The cost is bounded for any number of processes and sign-outs. A process claims a sign-out before it
 * delivers it, so that two processes rarely deliver the same one. While the SSO service fails, each process
 * sends one sign-out at a time, after a growing pause.
 */

import { backoffMs } from '@samesite-sso/core';
import { SSO_PATHS } from '@samesite-sso/protocol';
import type { FastifyBaseLogger } from 'fastify';
import { CLAIM_MS, type SignOutQueue } from './sign-out-queue.ts';
import type { SsoClient } from './sso-client.ts';

const REQUEST_TIMEOUT_MS = 2500;
const MAX_CONCURRENT_REQUESTS = 16;
/** How often to look for sign-outs that a process recorded before it died. */
const POLL_INTERVAL_MS = 60_000;
/** The shortest pause after a failure: a client with old tokens must not make this server flood the other. */
const MIN_PAUSE_MS = 1000;

interface Parts {
  queue: SignOutQueue;
  client: SsoClient;
  log: Pick<FastifyBaseLogger, 'warn'>;
}

export class SignOutDelivery {
  readonly #parts: Parts;
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #isWoken = false;
  #failures = 0;
  /** By `performance.now()`, as the two below: setting the clock back must not lengthen a pause. */
  #resumesAtMs = 0;
  #triedAtMs = Number.NEGATIVE_INFINITY;
  #hastenedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Delivers what is due, unless the SSO service has just failed. */
  wake(): void {
    this.#isWoken = true;
    if (this.#stopped.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#running ??= this.#deliver().finally(() => {
      this.#running = null;
      if (this.#isWoken) this.wake(); // Woken after the last look at the queue.
    });
  }

  /** Cuts the pause short: a browser whose SSO session should have ended is back. */
  hasten(): void {
    this.#hastenedAtMs = performance.now();
    this.#resumesAtMs = Math.min(this.#resumesAtMs, this.#triedAtMs + MIN_PAUSE_MS);
    this.wake();
  }

  /** Resolves once nothing uses the database. What is undelivered stays in it. */
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
        while (pauseMs === 0 && (await this.#deliverSome()));
      }
      if (!this.#parts.queue.isPending()) pauseMs = POLL_INTERVAL_MS;
      // Another process has claimed what is pending.
      else if (pauseMs === 0) pauseMs = CLAIM_MS;
    } catch (error) {
      // The database failed. It still holds the sign-outs.
      this.#fail((error as Error & { detail?: string }).detail ?? (error as Error).message);
      pauseMs = this.#pauseMs();
    }
    if (!this.#stopped.signal.aborted) this.#timer = setTimeout(() => this.wake(), pauseMs).unref();
  }

  /** @returns whether more may be due now */
  async #deliverSome(): Promise<boolean> {
    if (this.#stopped.signal.aborted) return false;
    const sids = await this.#parts.queue.claim(this.#failures > 0 ? 1 : MAX_CONCURRENT_REQUESTS);
    if (sids.length === 0) return false;
    this.#triedAtMs = performance.now();
    const attempts = await Promise.all(sids.map(async (sid) => ({ sid, reason: await this.#tell(sid) })));
    const untold = attempts.filter(({ reason }) => reason !== null);
    const told = attempts.filter(({ reason }) => reason === null);
    if (told.length > 0) this.#failures = 0;
    if (untold.length > 0) this.#fail(untold[0]?.reason ?? '');
    const toSid = ({ sid }: { sid: string }) => sid;
    await this.#parts.queue.settle({ told: told.map(toSid), untold: untold.map(toSid) });
    return true;
  }

  /** @returns why the SSO service wasn't told, or null */
  async #tell(sid: string): Promise<string | null> {
    const signal = AbortSignal.any([AbortSignal.timeout(REQUEST_TIMEOUT_MS), this.#stopped.signal]);
    try {
      const { status } = await this.#parts.client.post(SSO_PATHS.endSession, { sid }, signal);
      return status === 200 ? null : `answered ${status}`;
    } catch (error) {
      return (error as Error).message;
    }
  }

  #fail(reason: string): void {
    if (this.#stopped.signal.aborted) return;
    this.#failures += 1;
    // Hastened during the attempt: try again soon.
    const isHastened = this.#hastenedAtMs >= this.#triedAtMs;
    this.#resumesAtMs = performance.now() + (isHastened ? MIN_PAUSE_MS : backoffMs(this.#failures));
    this.#parts.log.warn({ reason, failures: this.#failures }, 'the SSO service is not told of a sign-out');
  }

  #pauseMs(): number {
    return Math.max(0, this.#resumesAtMs - performance.now());
  }
}
