/**
 * Ends access to apps for people who have left the last group that the app accepts. Any instance or the
 * command line may have removed them. Their app sessions end by logout tokens, while the SSO sessions go on.
 */
import { runSlices } from '@samesite-sso/core';
import type { FastifyBaseLogger } from 'fastify';
import type { GroupStore } from '../storage/stores.ts';
import type { AppRegistry } from './app-registry.ts';

/** Each review is a transaction of its own, bounded by the sessions of one account. */
const REVIEWS_PER_READ = 25;

interface GroupReviewsOptions {
  registry: Pick<AppRegistry, 'apps'>;
  groups: GroupStore;
  clock: () => number;
  log: Pick<FastifyBaseLogger, 'info'>;
}

export class GroupReviews {
  readonly #options: GroupReviewsOptions;
  #isStopped = false;

  constructor(options: GroupReviewsOptions) {
    this.#options = options;
  }

  /** Reviews all accounts that have left a group. After a failure, the next poll continues. */
  async poll(): Promise<void> {
    const { groups } = this.#options;
    let accountIds: string[] = [];
    await runSlices(
      async () => {
        if (accountIds.length === 0) accountIds = await groups.findUnreviewed(REVIEWS_PER_READ);
        const accountId = accountIds.shift();
        if (accountId === undefined) return false;
        await this.#review(accountId);
        return true;
      },
      () => this.#isStopped,
    );
  }

  /** Lets a pending poll end soon. The next start continues its work. */
  stop(): void {
    this.#isStopped = true;
  }

  async #review(accountId: string): Promise<void> {
    const { registry, groups, clock, log } = this.#options;
    const required = new Map(
      registry.apps.flatMap(({ origin, groups }) => (groups ? [[origin, groups]] : [])),
    );
    const context = { at: clock(), actor: 'service', address: null };
    const count = await groups.review(accountId, required, context);
    if (count > 0) log.info({ accountId, appSessions: count }, 'access of a former group member has ended');
  }
}
