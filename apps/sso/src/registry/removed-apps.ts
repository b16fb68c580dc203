/**
 * Ends the access of apps that were removed from the registry: their app sessions end by logout tokens, while
 * the SSO sessions go on. This includes apps that were removed while no service was running.
 */
import { runSlices } from '@samesite-sso/core';
import type { FastifyBaseLogger } from 'fastify';
import type { Stores } from '../storage/stores.ts';
import type { AppRegistry } from './app-registry.ts';
import { INSTANCE_TIMEOUT_MS } from './registry-record.ts';

/** A request that read the registry before a change issues its token within this time. */
export const REQUEST_MARGIN_MS = 3000;
const COMPARISON_INTERVAL_MS = 10_000;

interface RemovedAppsOptions {
  registry: AppRegistry;
  stores: Pick<Stores, 'registry' | 'sessions'>;
  clock: () => number;
  log: Pick<FastifyBaseLogger, 'info'>;
}

export class RemovedApps {
  readonly #options: RemovedAppsOptions;
  /** By origin: until when tokens of the app may still appear, in milliseconds of the monotonic clock. */
  readonly #pending = new Map<string, number>();
  /** When to compare the registry with the stored apps, by the monotonic clock. Null once that is done. */
  #nextComparisonAtMs: number | null = 0;
  #isStopped = false;

  constructor(options: RemovedAppsOptions) {
    this.#options = options;
    options.registry.onChange(({ removed }) => {
      for (const { origin } of removed) this.#pending.set(origin, performance.now() + REQUEST_MARGIN_MS);
    });
  }

  /** Ends the access of apps that have been removed. After a failure, the next poll continues. */
  async poll(): Promise<void> {
    await this.#compareStored();
    for (const [origin, until] of this.#pending) {
      const isLast = performance.now() >= until;
      await this.#endAccess(origin);
      // Meanwhile the app may have been added again, or even added and removed.
      const isDone = isLast && this.#pending.get(origin) === until;
      if (isDone || !this.#isRemoved(origin)) this.#pending.delete(origin);
    }
  }

  /** Lets a pending poll end soon. The next start continues its work. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Leaves out apps that a live instance serves, since its file may be newer, and compares again later. */
  async #compareStored(): Promise<void> {
    if (this.#nextComparisonAtMs === null || performance.now() < this.#nextComparisonAtMs) return;
    const { stores, clock } = this.#options;
    const live = await stores.registry.find(clock() - INSTANCE_TIMEOUT_MS);
    const served = new Set(live.flatMap(({ apps }) => apps.map(({ origin }) => origin)));
    const known = await stores.registry.servers();
    const removed = [...known.keys()].filter((origin) => this.#isRemoved(origin));
    for (const origin of removed) {
      if (!served.has(origin) && !this.#pending.has(origin)) this.#pending.set(origin, 0);
    }
    const isDone = !removed.some((origin) => served.has(origin));
    this.#nextComparisonAtMs = isDone ? null : performance.now() + COMPARISON_INTERVAL_MS;
  }

  async #endAccess(origin: string): Promise<void> {
    const { stores, clock, log } = this.#options;
    let count = 0;
    await runSlices(
      async () => {
        // The app may have been added again meanwhile.
        if (!this.#isRemoved(origin)) return false;
        const context = { at: clock(), actor: 'service', address: null };
        const ended = await stores.sessions.endAtApp(origin, context);
        count += ended;
        return ended > 0;
      },
      () => this.#isStopped,
    );
    if (count > 0) log.info({ app: origin, sessions: count }, "a removed app's access has ended");
  }

  #isRemoved(origin: string): boolean {
    return this.#options.registry.find(origin) === undefined;
  }
}
