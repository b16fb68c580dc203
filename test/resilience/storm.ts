/** Many who ask at once, each one thing after another, until the process that they ask is ended under their hands. */
import { NoAnswerError } from '../support/http.ts';

/** Asks something and checks the answer. Every act asks at least once. */
export type AuditContext = () => Promise<void>;

/** Does one thing once, and then another again and again. */
export function onceThen(first: AuditContext, then: AuditContext): AuditContext {
  let isDone = false;
  return async () => {
    if (isDone) return await then();
    isDone = true;
    await first();
  };
}

export class Storm {
  #acts = 0;
  readonly #waiting: (() => void)[] = [];
  #isEnding = false;

  /**
   * @param actors what each repeats
   * @param until when the end is to come
   * @param end ends the process; only from here on may requests stay unanswered
   */
  async rage(
    actors: readonly AuditContext[],
    until: () => Promise<unknown>,
    end: () => Promise<unknown>,
  ): Promise<void> {
    this.#isEnding = false;
    const all = Promise.all(actors.map((act) => this.#repeat(act)));
    await Promise.race([all, until()]);
    this.#isEnding = true;
    await Promise.all([all, end()]);
  }

  /** Whether requests may stay unanswered by now. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Resolves once so many more acts have been answered. */
  async acts(count: number): Promise<void> {
    const wanted = this.#acts + count;
    while (this.#acts < wanted) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async #repeat(act: AuditContext): Promise<void> {
    for (;;) {
      try {
        await act();
      } catch (error) {
        if (error instanceof NoAnswerError && this.#isEnding) return;
        throw error;
      }
      this.#acts += 1;
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }
}
