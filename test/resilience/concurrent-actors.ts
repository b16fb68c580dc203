/** Concurrent actors that repeat their requests while processes are ended. */
import type { Party } from '../support/browser.ts';
import { NoResponseError } from '../support/http.ts';
import type { RunningSite } from '../support/process-site.ts';
import type { SeededRandom } from './seeded-random.ts';

/** A site of single processes, or of several instances behind load balancers. */
export type SiteOfActors = Record<'sso' | 'foo', Party> & Pick<RunningSite, 'ipsum' | 'person'>;

/** Sessions that aren't ended, so that each actor always finds one. */
export const MIN_ACTIVE_SESSIONS = 4;

/** Sends at least one request and checks the response. */
export type Act = () => Promise<void>;

/** @returns an act that is `first` once and `then` from there on */
export function onceThen(first: Act, then: Act): Act {
  let isDone = false;
  return async () => {
    if (isDone) return await then();
    isDone = true;
    await first();
  };
}

export class ConcurrentActors<Site extends SiteOfActors = SiteOfActors> {
  #acts = 0;
  #losses = 0;
  readonly #waiting: (() => void)[] = [];
  protected readonly site: Site;
  protected readonly random: SeededRandom;
  /** Whether requests may get no response. */
  protected isEnding = false;

  constructor(site: Site, random: SeededRandom) {
    this.site = site;
    this.random = random;
  }

  /**
   * @param actors the act that each repeats
   * @param until settles when the process is to end
   * @param end ends the process; only from then on may requests get no response
   */
  async run(
    actors: readonly Act[],
    until: () => Promise<unknown>,
    end: () => Promise<unknown>,
  ): Promise<void> {
    this.isEnding = false;
    const all = Promise.all(actors.map((act) => this.#repeat(act, (hasLost) => hasLost)));
    await Promise.race([all, until()]);
    this.isEnding = true;
    await Promise.all([all, end()]);
  }

  /**
   * Repeats the acts until `during` settles. Any request may get no response, and then its actor goes on.
   *
   * @returns how many acts failed for that reason
   */
  async runDuring(actors: readonly Act[], during: () => Promise<unknown>): Promise<number> {
    const before = this.#losses;
    let isOver = false;
    this.isEnding = true;
    const all = Promise.all(actors.map((act) => this.#repeat(act, () => isOver)));
    await Promise.race([all, during()]);
    isOver = true;
    await all;
    return this.#losses - before;
  }

  /** Resolves once `count` more acts have finished. */
  async acts(count: number): Promise<void> {
    const wanted = this.#acts + count;
    while (this.#acts < wanted) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async #repeat(act: Act, isOver: (hasLost: boolean) => boolean): Promise<void> {
    let hasLost = false;
    while (!isOver(hasLost)) {
      try {
        await act();
      } catch (error) {
        if (!(error instanceof NoResponseError) || !this.isEnding) throw error;
        this.#losses += 1;
        hasLost = true;
      }
      this.#acts += 1;
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }
}
