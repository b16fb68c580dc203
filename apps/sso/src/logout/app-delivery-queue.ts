/**
 * The notices for one app, some at a time. While it fails it is asked by one notice and then left alone for a
 * growing pause, however many wait; what it takes is noted in one transaction for all that ended together.
 */
import { backoffMs, MAX_BACKOFF_MS } from '@samesite-sso/core';
import type { FastifyBaseLogger } from 'fastify';
import type { LogoutNotice, LogoutNoticeStore } from '../storage/stores.ts';

/** Notices that the app is sent at once. */
const MAX_CONCURRENT_REQUESTS = 16;

export interface LaneSettings {
  /** The app's origin. */
  app: string;
  store: LogoutNoticeStore;
  /** Sends one notice. @returns why it was not taken, or null */
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
  readonly #settings: LaneSettings;
  /** Until they are noted: the store has them as due as long. */
  readonly #underWay = new Map<number, Promise<void>>();
  #ended: Attempt[] = [];
  /** Pauses since an attempt succeeded. */
  #failures = 0;
  #resumesAt = 0;
  #run: Promise<void> | null = null;

  constructor(settings: LaneSettings) {
    this.#settings = settings;
  }

  /** Starts to send what is due, unless it does so already. */
  look(): void {
    if (this.#run !== null) return;
    this.#run = this.#deliver().finally(() => {
      this.#run = null;
    });
  }

  /** Resolves once nothing is under way any more. */
  async idle(): Promise<void> {
    await this.#run;
  }

  async #deliver(): Promise<void> {
    try {
      for (;;) {
        await this.#fill();
        if (this.#underWay.size === 0) return;
        await Promise.race(this.#underWay.values());
        const ended = this.#ended.splice(0);
        await this.#note(ended);
        for (const { notice } of ended) this.#underWay.delete(notice.id);
      }
    } catch (error) {
      // The store cannot be reached: the notices are still in it.
      const { detail, message } = error as Error & { detail?: string };
      this.#fail({ reason: detail ?? message }, 'logouts cannot be noted');
    } finally {
      await Promise.all(this.#underWay.values());
      this.#underWay.clear();
      this.#ended = [];
    }
  }

  async #fill(): Promise<void> {
    const { store, app, clock, stopped } = this.#settings;
    const free = (this.#failures > 0 ? 1 : MAX_CONCURRENT_REQUESTS) - this.#underWay.size;
    if (free <= 0 || stopped.aborted || this.#isPaused()) return;
    const due = await store.due(app, clock(), this.#underWay.size + free);
    const waiting = due.filter(({ id }) => !this.#underWay.has(id));
    for (const notice of waiting.slice(0, free)) this.#underWay.set(notice.id, this.#attempt(notice));
  }

  async #attempt(notice: LogoutNotice): Promise<void> {
    const reason = await this.#settings.send(notice);
    this.#ended.push({ notice, reason });
  }

  async #note(ended: readonly Attempt[]): Promise<void> {
    const { store, clock, stopped } = this.#settings;
    const taken = ended.filter(({ reason }) => reason === null).map(({ notice }) => notice);
    if (taken.length > 0) {
      this.#failures = 0;
      await store.delivered(taken, { at: clock(), actor: 'service', address: null });
    }
    for (const { notice, reason } of ended) {
      if (reason === null || stopped.aborted) continue;
      const { sid, attempts } = notice;
      this.#fail({ sid, attempt: attempts + 1, reason }, 'logout not delivered');
      const until = Math.max(clock() + backoffMs(attempts + 1), this.#resumesAt);
      await store.postpone(notice, until);
    }
  }

  /** What was under way when the app began to fail tells nothing new: one line, and one pause, stand for all. */
  #fail(about: object, message: string): void {
    if (this.#isPaused()) return;
    const { app, log, clock } = this.#settings;
    log.warn({ app, ...about }, message);
    this.#failures += 1;
    this.#resumesAt = clock() + backoffMs(this.#failures);
  }

  /** A clock that was set back must not make a pause longer than any. */
  #isPaused(): boolean {
    const left = this.#resumesAt - this.#settings.clock();
    return left > 0 && left <= MAX_BACKOFF_MS;
  }
}
