/**
 * The service's background work: ends expired sessions, notifies apps of ended sessions, purges expired
 * rows, records refused sign-ins, follows the registry of apps, and ends access that it no longer grants.
 */
import { describeError, runSlices } from '@samesite-sso/core';
import type { FastifyBaseLogger } from 'fastify';
import { FAILURE_WINDOW_MS } from './accounts/login-throttle.ts';
import type { RefusedSignIns } from './accounts/refused-sign-ins.ts';
import type { LogoutDelivery } from './logout/logout-delivery.ts';
import type { AppRegistry } from './registry/app-registry.ts';
import type { GroupReviews } from './registry/group-reviews.ts';
import type { NarrowedAccess } from './registry/narrowed-access.ts';
import type { RegistryRecord } from './registry/registry-record.ts';
import type { RemovedApps } from './registry/removed-apps.ts';
import type { SsoSessions } from './sessions/sso-sessions.ts';
import type { Stores } from './storage/stores.ts';

/** Leaves most of the 5 s within which apps must be notified of the end of a session. */
const POLL_INTERVAL_MS = 500;
const REGISTRY_INTERVAL_MS = 1000;
const PURGE_INTERVAL_MS = 60_000;
const DAY_MS = 24 * 60 * 60 * 1000;

interface HousekeepingOptions {
  stores: Stores;
  sessions: SsoSessions;
  delivery: LogoutDelivery;
  refusedSignIns: RefusedSignIns;
  registry: AppRegistry;
  removedApps: RemovedApps;
  narrowedAccess: NarrowedAccess;
  groupReviews: GroupReviews;
  registryRecord: RegistryRecord;
  clock: () => number;
  auditDays: number;
  log: FastifyBaseLogger;
}

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #runningTasks = new Map<string, Promise<void>>();
  #isStopped = false;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  start(): void {
    const { registry, removedApps, narrowedAccess, groupReviews, registryRecord } = this.#options;
    this.#schedule(REGISTRY_INTERVAL_MS, 'reading the registry', () => registry.poll());
    this.#schedule(REGISTRY_INTERVAL_MS, 'recording the registry', () => registryRecord.poll()).runNow();
    this.#schedule(POLL_INTERVAL_MS, "ending removed apps' access", () => removedApps.poll()).runNow();
    this.#schedule(POLL_INTERVAL_MS, 'ending narrowed access', () => narrowedAccess.poll()).runNow();
    this.#schedule(POLL_INTERVAL_MS, 'reviewing groups', () => groupReviews.poll()).runNow();
    this.#schedule(POLL_INTERVAL_MS, 'ending expired sessions', () => this.poll());
    this.#schedule(PURGE_INTERVAL_MS, 'purging expired rows', () => this.purgeExpired());
    this.#schedule(PURGE_INTERVAL_MS, 'recording refused sign-ins', () =>
      this.#options.refusedSignIns.flush(),
    );
  }

  /** Ends expired sessions, and delivers the notices of all ended ones after each slice. */
  async poll(): Promise<void> {
    const { sessions, delivery } = this.#options;
    await runSlices(
      async () => {
        const ended = await sessions.endExpired();
        await delivery.poll();
        return ended > 0;
      },
      () => this.#isStopped,
    );
  }

  /** Purges expired rows and old audit records. */
  async purgeExpired(): Promise<void> {
    const { stores, clock, auditDays } = this.#options;
    const now = clock();
    const before = { now, failuresSince: now - FAILURE_WINDOW_MS, auditSince: now - auditDays * DAY_MS };
    await runSlices(
      () => stores.purgeExpired(before),
      () => this.#isStopped,
    );
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const { removedApps, narrowedAccess, groupReviews } = this.#options;
    for (const work of [removedApps, narrowedAccess, groupReviews]) work.stop();
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#runningTasks.values());
    await this.#options.delivery.stop();
    // If this last flush fails, the counts are lost.
    await this.#options.refusedSignIns.flush().catch(() => {});
  }

  /** Never runs a task twice at once. Logs a failure when it begins, not on every run. */
  #schedule(intervalMs: number, name: string, work: () => Promise<void>): { runNow: () => void } {
    let isFailing = false;
    const run = async () => {
      try {
        await work();
        isFailing = false;
      } catch (error) {
        if (!isFailing) this.#options.log.error({ reason: describeError(error) }, `${name} failed`);
        isFailing = true;
      }
      this.#runningTasks.delete(name);
    };
    const runOnce = () => {
      if (!this.#runningTasks.has(name)) this.#runningTasks.set(name, run());
    };
    this.#timers.push(setInterval(runOnce, intervalMs).unref());
    return { runNow: runOnce };
  }
}
