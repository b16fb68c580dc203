/**
 * Chance that can be had again: what a test leaves to it follows from one seed, which it prints. The moments at which
 * processes do things stay their own. And how long each is tried: `pnpm resilience --long` sets RESILIENCE.
 */
import { randomInt } from 'node:crypto';

export const isLong = process.env['RESILIENCE'] === 'long';

export class Chance {
  #state: number;

  constructor(seed = Number(process.env['RESILIENCE_SEED'] ?? randomInt(2 ** 31))) {
    console.log(`Chance: RESILIENCE_SEED=${seed} makes the same choices.`);
    this.#state = seed;
  }

  /** A whole number from 0, below a bound (mulberry32). */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  }

  oneOf<Thing>(things: readonly Thing[]): Thing {
    const chosen = things[this.below(things.length)];
    if (chosen === undefined) throw new Error('there is nothing to choose from');
    return chosen;
  }
}
