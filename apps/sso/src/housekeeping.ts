/**
 * What the service does in the background: it ends sessions whose time is over, tells the apps which sessions
 * have ended, and purges expired rows. It polls twice a second, so that an app hears of an end well within
 * its 5 s.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { FAILURE_WINDOW_MS } from './accounts/login-throttle.ts';
import type { RefusedSignIns } from './accounts/refused-sign-ins.ts';
import type { LogoutDelivery } from './logout/logout-delivery.ts';
import type { SsoSessions } from './sessions/sso-sessions.ts';
import type { Stores } from './storage/stores.ts';

const LOOK = 500;
const SWEEP = 60_000;
const DAY = 24 * 60 * 60 * 1000;

interface Parts {
  stores: Stores;
  sessions: SsoSessions;
  delivery: LogoutDelivery;
  refusedSignIns: RefusedSignIns;
  clock: () => number;
  auditDays: number;
  log: FastifyBaseLogger;
}

export class Housekeeping {
  readonly #timers: NodeJS.Timeout[] = [];
  /** What is being done right now, by what it is. */
  readonly #working = new Map<string, Promise<void>>();
  #isStopped = false;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(): void {
    const { sessions, delivery, refusedSignIns } = this.#parts;
    this.#every(LOOK, 'ending sessions', async () => {
      await this.#inSlices(async () => {
        const ended = await sessions.endOverdue();
        await delivery.look(); // The apps of this slice needn't wait for the next one.
        return ended > 0;
      });
    });
    this.#every(SWEEP, 'sweeping', () => this.purgeExpired());
    this.#every(SWEEP, 'recording refused sign-ins', () => refusedSignIns.flush());
  }

  /** Purges what no request can ask for any more, and audit records that are old enough. */
  async purgeExpired(): Promise<void> {
    const { stores, clock, auditDays } = this.#parts;
    const now = clock();
    const failuresSince = now - FAILURE_WINDOW_MS;
    const before = { now, failuresSince, auditSince: now - auditDays * DAY };
    await this.#inSlices(() => stores.purgeExpired(before));
  }

  /**
   * Works in slices until there is no more to do. After each slice it rests for as long as that one took: the
   * database and the requests share one thread, so requests get at least half of its time, and a stop isn't
   * held up.
   */
  async #inSlices(slice: () => Promise<boolean>): Promise<void> {
    let isMore = true;
    while (isMore && !this.#isStopped) {
      const startedAt = performance.now();
      isMore = await slice();
      if (isMore) await pause(performance.now() - startedAt);
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#working.values());
    await this.#parts.delivery.stop();
    // Counts that can't be written now are lost: no later flush could write them.
    await this.#parts.refusedSignIns.flush().catch(() => {});
  }

  /** Never two at once, and a failure is told when it begins and not twice a second. */
  #every(milliseconds: number, what: string, work: () => Promise<void>): void {
    let isFailing = false;
    const run = async () => {
      try {
        await work();
        isFailing = false;
      } catch (error) {
        const { detail, message } = error as Error & { detail?: string };
        if (!isFailing) this.#parts.log.error({ reason: detail ?? message }, `${what} failed`);
        isFailing = true;
      }
      this.#working.delete(what);
    };
    const look = () => {
      if (!this.#working.has(what)) this.#working.set(what, run());
    };
    this.#timers.push(setInterval(look, milliseconds).unref());
  }
}
