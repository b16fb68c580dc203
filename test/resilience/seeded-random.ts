/**
 * Random choices that can be repeated: they follow from one seed, which is printed. The timing of processes
 * stays random. Also decides how long the tests run: RESILIENCE is unset for a short run, `full` or `long`.
 */
import { randomInt } from 'node:crypto';

/** @returns the value for the run that RESILIENCE names */
export function byRunLength<Value>(lengths: Record<'short' | 'full' | 'long', Value>): Value {
  const name = process.env['RESILIENCE'] ?? 'short';
  return lengths[name === 'full' || name === 'long' ? name : 'short'];
}

export class SeededRandom {
  #state: number;

  constructor(seed = Number(process.env['RESILIENCE_SEED'] ?? randomInt(2 ** 31))) {
    console.log(`RESILIENCE_SEED=${seed} makes the same choices.`);
    this.#state = seed;
  }

  /** An integer from 0 to below the bound (mulberry32). */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  }

  oneOf<Item>(items: readonly Item[]): Item {
    const chosen = items[this.below(items.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  }
}
