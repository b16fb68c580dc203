/**
 * What the plugin does in the background: it purges expired rows, and tells the app which SSO sessions have
 * no living app session left. The transaction that ends a session writes that end to the database, so every
 * process that shares the database learns of it, whichever one handled the sign-out.
 */
import { setImmediate } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { AppSessions } from './app-sessions.ts';

/** Well within the 5 s by which a listener is told. */
const POLL_INTERVAL_MS = 1000;
/** Until there is a listener, nothing is waiting for an end. */
const IDLE_POLL_INTERVAL_MS = 60_000;

export type SessionEndedListener = (sid: string) => void;

export class Housekeeping {
  readonly #sessions: AppSessions;
  readonly #log: Pick<FastifyBaseLogger, 'error'>;
  readonly #listeners: SessionEndedListener[] = [];
  #lastSeenId: number;
  #timer: NodeJS.Timeout;
  #running: Promise<void> | null = null;
  #isFailing = false;
  #isStopped = false;

  constructor(sessions: AppSessions, log: Pick<FastifyBaseLogger, 'error'>) {
    this.#sessions = sessions;
    this.#log = log;
    this.#lastSeenId = sessions.lastEndId();
    this.#timer = this.#pollEvery(IDLE_POLL_INTERVAL_MS);
  }

  addListener(listener: SessionEndedListener): void {
    this.#listeners.push(listener);
    if (this.#listeners.length > 1 || this.#isStopped) return;
    clearInterval(this.#timer);
    this.#timer = this.#pollEvery(POLL_INTERVAL_MS);
  }

  /** Resolves once nothing uses the database any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  #pollEvery(milliseconds: number): NodeJS.Timeout {
    const poll = () => {
      this.#running ??= this.#poll().finally(() => {
        this.#running = null;
      });
    };
    return setInterval(poll, milliseconds).unref();
  }

  async #poll(): Promise<void> {
    try {
      let isMore = true;
      while (isMore && !this.#isStopped) {
        // All ends first: they can be read even while nothing can be written.
        isMore = this.#reportEnded() || (await this.#sessions.purgePast());
        await setImmediate(); // Let requests run between two slices of what may be a million rows.
      }
      this.#isFailing = false;
    } catch (error) {
      const { detail, message } = error as Error & { detail?: string };
      // Once for each outage, not once a second.
      if (!this.#isFailing)
        this.#log.error({ reason: detail ?? message }, 'housekeeping of app sessions failed');
      this.#isFailing = true;
    }
  }

  /** @returns whether there were any */
  #reportEnded(): boolean {
    if (this.#listeners.length === 0) return false;
    const ends = this.#sessions.endsAfter(this.#lastSeenId);
    for (const { id, sid } of ends) {
      this.#lastSeenId = id;
      for (const listener of this.#listeners) void this.#tell(listener, sid);
    }
    return ends.length > 0;
  }

  /** A listener that throws or rejects doesn't stop the others. */
  async #tell(listener: SessionEndedListener, sid: string): Promise<void> {
    try {
      await listener(sid);
    } catch (error) {
      this.#log.error({ err: error }, 'a listener of onSessionEnded failed');
    }
  }
}
