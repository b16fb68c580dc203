/**
 * Ends the access of sessions to apps that let fewer people in than before: apps that now require a group,
 * other groups than before, or a second factor. Their app sessions end by logout tokens, while the SSO
 * sessions go on. At the start, every app that requires a group or a second factor is searched, since its
 * entry may have changed while no service was running.
 */
import { runSlices } from '@samesite-sso/core';
import type { FastifyBaseLogger } from 'fastify';
import type { Stores } from '../storage/stores.ts';
import type { AppRegistry } from './app-registry.ts';
import type { RegisteredApp } from './read-registry.ts';
import { isSameRequirement } from './registry-change.ts';
import { INSTANCE_TIMEOUT_MS } from './registry-record.ts';
import { REQUEST_MARGIN_MS } from './removed-apps.ts';

const COMPARISON_INTERVAL_MS = 10_000;

interface NarrowedAccessOptions {
  registry: AppRegistry;
  stores: Pick<Stores, 'registry' | 'sessions'>;
  clock: () => number;
  log: Pick<FastifyBaseLogger, 'info'>;
}

interface Search {
  app: RegisteredApp;
  /** Until when tokens may be issued that don't meet the requirement, by the monotonic clock. */
  untilMs: number;
  /** Whether it has been searched. The last search begins after that time. */
  isSearched: boolean;
}

export class NarrowedAccess {
  readonly #options: NarrowedAccessOptions;
  /** By origin. */
  readonly #pending = new Map<string, Search>();
  /** When to compare the registry with those of other instances, by the monotonic clock. Null once done. */
  #nextComparisonAtMs: number | null = 0;
  /** Apps whose requirement was another one at some instance at the last comparison. */
  #differing: ReadonlySet<string> | null = null;
  #isStopped = false;

  constructor(options: NarrowedAccessOptions) {
    this.#options = options;
    options.registry.onChange(({ added, changed, removed }) => {
      for (const { origin } of removed) this.#pending.delete(origin);
      const untilMs = performance.now() + REQUEST_MARGIN_MS;
      for (const app of [...added, ...changed]) this.#scheduleSearch(app, untilMs);
    });
  }

  /** Ends access that apps don't grant any more. After a failure, the next poll begins again. */
  async poll(): Promise<void> {
    await this.#compareInstances();
    for (const search of [...this.#pending.values()]) {
      const isLast = performance.now() >= search.untilMs;
      if (search.isSearched && !isLast) continue;
      await this.#endAccess(search.app);
      search.isSearched = true;
      // The app may have changed meanwhile, which is another search.
      if (isLast && this.#pending.get(search.app.origin) === search) this.#pending.delete(search.app.origin);
    }
  }

  /** Lets a pending poll end soon. The next start continues its work. */
  stop(): void {
    this.#isStopped = true;
  }

  #scheduleSearch(app: RegisteredApp, untilMs: number): void {
    this.#pending.delete(app.origin);
    if (app.groups !== null || app.secondFactor) {
      this.#pending.set(app.origin, { app, untilMs, isSearched: false });
    }
  }

  /** Leaves out apps that a live instance lets other people into, since its file may be newer. */
  async #compareInstances(): Promise<void> {
    if (this.#nextComparisonAtMs === null || performance.now() < this.#nextComparisonAtMs) return;
    const { registry, stores, clock } = this.#options;
    const live = await stores.registry.find(clock() - INSTANCE_TIMEOUT_MS);
    const loaded = live.flatMap(({ apps }) => apps);
    const differing = registry.apps.filter((app) =>
      loaded.some((other) => other.origin === app.origin && !isSameRequirement(app, other)),
    );
    const origins = new Set(differing.map(({ origin }) => origin));
    for (const app of registry.apps) {
      const isDue = this.#differing?.has(app.origin) ?? true;
      if (isDue && !origins.has(app.origin) && !this.#pending.has(app.origin)) this.#scheduleSearch(app, 0);
    }
    this.#differing = origins;
    this.#nextComparisonAtMs = origins.size === 0 ? null : performance.now() + COMPARISON_INTERVAL_MS;
  }

  async #endAccess(app: RegisteredApp): Promise<void> {
    const { registry, stores, clock, log } = this.#options;
    let count = 0;
    const context = { at: clock(), actor: 'service', address: null };
    const slices = stores.sessions.endExcluded(app.origin, app, context)[Symbol.asyncIterator]();
    await runSlices(
      async () => {
        const { value: ended = 0, done } = await slices.next();
        count += ended;
        return !done && registry.find(app.origin) === app; // The app may have changed meanwhile.
      },
      () => this.#isStopped,
    );
    if (count > 0)
      log.info({ app: app.origin, sessions: count }, 'access that an app no longer grants has ended');
  }
}
