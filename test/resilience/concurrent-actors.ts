/** Concurrent actors that repeat their requests until the server's process is ended. */
import { NoResponseError } from '../support/http.ts';
import type { RunningSite } from '../support/process-site.ts';
import type { SeededRandom } from './seeded-random.ts';

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

export class ConcurrentActors {
  #acts = 0;
  readonly #waiting: (() => void)[] = [];
  protected readonly site: RunningSite;
  protected readonly random: SeededRandom;
  /** Whether requests may get no response. */
  protected isEnding = false;

  constructor(site: RunningSite, random: SeededRandom) {
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
    const all = Promise.all(actors.map((act) => this.#repeat(act)));
    await Promise.race([all, until()]);
    this.isEnding = true;
    await Promise.all([all, end()]);
  }

  /** Resolves once `count` more acts have finished. */
  async acts(count: number): Promise<void> {
    const wanted = this.#acts + count;
    while (this.#acts < wanted) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async #repeat(act: Act): Promise<void> {
    for (;;) {
      try {
        await act();
      } catch (error) {
        if (error instanceof NoResponseError && this.isEnding) return;
        throw error;
      }
      this.#acts += 1;
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }
}
