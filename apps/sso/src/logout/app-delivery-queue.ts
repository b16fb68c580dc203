/**
 * Delivers the logout notices of one app, several at once. While the app fails, only one notice is tried,
 * after a growing pause, however many wait. Notices delivered together are recorded in one transaction. The
 * queue is leased, so that one instance at a time sends to the app.
 */
import { backoffMs, describeError, MAX_BACKOFF_MS } from '@samesite-sso/core';
import type { FastifyBaseLogger } from 'fastify';
import { LEASE_MS } from '../storage/logout-notice-store.ts';
import type { LogoutNotice, LogoutNoticeStore } from '../storage/stores.ts';

const MAX_CONCURRENT_REQUESTS = 16;

interface AppDeliveryOptions {
  appOrigin: string;
  /** Whom the queue is leased to. */
  holder: string;
  store: LogoutNoticeStore;
  /** Sends one notice. @returns why it wasn't delivered, or null */
  send: (notice: LogoutNotice) => Promise<string | null>;
  stopped: AbortSignal;
  clock: () => number;
  log: Pick<FastifyBaseLogger, 'warn'>;
}

interface Attempt {
  notice: LogoutNotice;
  reason: string | null;
}

export class AppDeliveryQueue {
  readonly #options: AppDeliveryOptions;
  /** Attempts by notice id, kept until recorded: before that, the store returns these notices as due. */
  readonly #pending = new Map<number, Promise<void>>();
  #finished: Attempt[] = [];
  /** The number of pauses since the last success. */
  #failures = 0;
  #resumesAt = 0;
  #leasedAt = 0;
  #run: Promise<void> | null = null;

  constructor(options: AppDeliveryOptions) {
    this.#options = options;
  }

  /** Starts to deliver due notices, unless it is doing so already. */
  poll(): void {
    this.#run ??= this.#deliver().finally(() => {
      this.#run = null;
    });
  }

  /** Resolves once no request is pending. */
  async idle(): Promise<void> {
    await this.#run;
  }

  async #deliver(): Promise<void> {
    try {
      for (;;) {
        await this.#startRequests();
        if (this.#pending.size === 0) return;
        await Promise.race(this.#pending.values());
        const finished = this.#finished.splice(0);
        await this.#record(finished);
        for (const { notice } of finished) this.#pending.delete(notice.id);
      }
    } catch (error) {
      // The store failed. It still has the notices.
      this.#fail({ reason: describeError(error) }, 'logout deliveries not recorded');
    } finally {
      await Promise.all(this.#pending.values());
      this.#pending.clear();
      this.#finished = [];
    }
  }

  async #startRequests(): Promise<void> {
    const { send, stopped } = this.#options;
    const free = (this.#failures > 0 ? 1 : MAX_CONCURRENT_REQUESTS) - this.#pending.size;
    if (free <= 0 || stopped.aborted) return;
    if (this.#isPaused()) return await this.#keepLease();
    const askedAtMs = performance.now();
    const due = await this.#lease(this.#pending.size + free);
    // If this process was suspended, its lease may have ended, and another holder may have sent these.
    if (performance.now() - askedAtMs > LEASE_MS / 2) return;
    const waiting = due.filter(({ id }) => !this.#pending.has(id));
    for (const notice of waiting.slice(0, free)) {
      const attempt = send(notice).then((reason) => void this.#finished.push({ notice, reason }));
      this.#pending.set(notice.id, attempt);
    }
  }

  /** Another holder wouldn't know about the pause, and would send to the app that fails. */
  async #keepLease(): Promise<void> {
    if (Math.abs(this.#options.clock() - this.#leasedAt) >= LEASE_MS / 2) await this.#lease(1);
  }

  async #lease(limit: number): Promise<LogoutNotice[]> {
    const { store, appOrigin, holder, clock } = this.#options;
    this.#leasedAt = clock();
    return await store.due(appOrigin, holder, this.#leasedAt, limit);
  }

  async #record(finished: readonly Attempt[]): Promise<void> {
    const { store, clock, stopped } = this.#options;
    const delivered = finished.filter(({ reason }) => reason === null).map(({ notice }) => notice);
    if (delivered.length > 0) {
      this.#failures = 0;
      await store.delivered(delivered, { at: clock(), actor: 'service', address: null });
    }
    for (const { notice, reason } of finished) {
      if (reason === null || stopped.aborted) continue;
      const { sid, attempts } = notice;
      this.#fail({ sid, attempt: attempts + 1, reason }, 'logout not delivered');
      await store.postpone(notice, Math.max(clock() + backoffMs(attempts + 1), this.#resumesAt));
    }
  }

  /** Requests that were pending when the app began to fail share one log line and one pause. */
  #fail(about: object, message: string): void {
    if (this.#isPaused()) return;
    const { appOrigin, log, clock } = this.#options;
    log.warn({ app: appOrigin, ...about }, message);
    this.#failures += 1;
    this.#resumesAt = clock() + backoffMs(this.#failures);
  }

  /** Setting the clock back doesn't prolong a pause beyond the longest one. */
  #isPaused(): boolean {
    const remainingMs = this.#resumesAt - this.#options.clock();
    return remainingMs > 0 && remainingMs <= MAX_BACKOFF_MS;
  }
}
