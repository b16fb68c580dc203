/**
 * Background work of the plugin: purges expired rows and reports ended sessions to the app. The transaction
 * that ends a session also records its end in the database, so that every process on the database can report
 * it, no matter which one handled the sign-out.
 */
import { describeError, runSlices } from '@samesite-sso/core';
import type { FastifyBaseLogger } from 'fastify';
import type { AppStore } from './storage/app-store.ts';

/** `onSessionEnded` promises to call a listener within 5 s. */
const POLL_INTERVAL_MS = 1000;
/** While there is no listener, only expired rows are left to purge. */
const IDLE_POLL_INTERVAL_MS = 60_000;

export type SessionEndedListener = (sid: string) => void;

interface Dependencies {
  store: Pick<AppStore, 'sessions' | 'endedSessions'>;
  position: string;
  clock: () => number;
  log: Pick<FastifyBaseLogger, 'error'>;
}

export class Housekeeping {
  readonly #store: Pick<AppStore, 'sessions' | 'endedSessions'>;
  readonly #clock: () => number;
  readonly #log: Pick<FastifyBaseLogger, 'error'>;
  readonly #listeners: SessionEndedListener[] = [];
  /** A position in the log of ended sessions. Every entry before it has been reported. */
  #position: string;
  #timer: NodeJS.Timeout;
  #running: Promise<void> | null = null;
  #isFailing = false;
  #isStopped = false;

  /** @param position the end of the log when this process starts */
  constructor({ store, position, clock, log }: Dependencies) {
    this.#store = store;
    this.#position = position;
    this.#clock = clock;
    this.#log = log;
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
          if (await this.#reportEnded()) return true;
          const hasMore = await this.#store.sessions.purgeExpired(this.#clock());
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
  async #reportEnded(): Promise<boolean> {
    if (this.#listeners.length === 0) return false;
    const { sids, position } = await this.#store.endedSessions.readAfter(this.#position);
    this.#position = position;
    for (const sid of sids) {
      for (const listener of this.#listeners) void this.#call(listener, sid);
    }
    return sids.length > 0;
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
