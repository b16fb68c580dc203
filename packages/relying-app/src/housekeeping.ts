/**
 * Background work of the plugin: purges expired rows and reports ended sessions to the app. The transaction
 * that ends a session also records its end in the database, so that every process on the database can report
 * it, no matter which one handled the sign-out.
 */
import { describeError, runSlices } from '@samesite-sso/core';
import type { FastifyBaseLogger } from 'fastify';
import type { EndedSessions } from './ended-sessions.ts';

/** `onSessionEnded` promises to call a listener within 5 s. */
const POLL_INTERVAL_MS = 1000;
/** While there is no listener, only expired rows are left to purge. */
const IDLE_POLL_INTERVAL_MS = 60_000;

export type SessionEndedListener = (sid: string) => void;

export class Housekeeping {
  readonly #ended: EndedSessions;
  readonly #log: Pick<FastifyBaseLogger, 'error'>;
  readonly #listeners: SessionEndedListener[] = [];
  #lastReportedId: number;
  #timer: NodeJS.Timeout;
  #running: Promise<void> | null = null;
  #isFailing = false;
  #isStopped = false;

  constructor(ended: EndedSessions, log: Pick<FastifyBaseLogger, 'error'>) {
    this.#ended = ended;
    this.#log = log;
    this.#lastReportedId = ended.lastId();
    this.#timer = this.#startTimer(IDLE_POLL_INTERVAL_MS);
  }

  addListener(listener: SessionEndedListener): void {
    this.#listeners.push(listener);
    if (this.#listeners.length > 1 || this.#isStopped) return;
    clearInterval(this.#timer);
    this.#timer = this.#startTimer(POLL_INTERVAL_MS);
  }

  /** Resolves once housekeeping no longer uses the database. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  #startTimer(intervalMs: number): NodeJS.Timeout {
    const run = () => {
      this.#running ??= this.#poll().finally(() => {
        this.#running = null;
      });
    };
    return setInterval(run, intervalMs).unref();
  }

  async #poll(): Promise<void> {
    try {
      await runSlices(
        // Report before purging: a database that refuses writes can still be read.
        async () => {
          if (this.#reportEnded()) return true;
          const hasMore = await this.#ended.purgeExpired();
          this.#isFailing = false;
          return hasMore;
        },
        () => this.#isStopped,
      );
    } catch (error) {
      // Log each outage once, not once per second.
      if (!this.#isFailing) {
        this.#log.error({ reason: describeError(error) }, 'housekeeping of app sessions failed');
      }
      this.#isFailing = true;
    }
  }

  /** @returns whether it reported any */
  #reportEnded(): boolean {
    if (this.#listeners.length === 0) return false;
    const entries = this.#ended.listAfter(this.#lastReportedId);
    for (const { id, sid } of entries) {
      this.#lastReportedId = id;
      for (const listener of this.#listeners) void this.#call(listener, sid);
    }
    return entries.length > 0;
  }

  /** A listener that throws or rejects doesn't stop the others. */
  async #call(listener: SessionEndedListener, sid: string): Promise<void> {
    try {
      await listener(sid);
    } catch (error) {
      this.#log.error({ err: error }, 'an onSessionEnded listener failed');
    }
  }
}
