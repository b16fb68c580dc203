/** Predicts how long the next password check takes, from the last ones. */
import { TURN_MS } from './password-turns.ts';

/** Enough to tell a burst of slow hashes from a single one, which doesn't predict the jobs behind it. */
const MEASURED_JOBS = 5;
/** An empty queue expects jobs as short as our own hashes. */
const ASSUMED_MS: readonly number[] = [TURN_MS, TURN_MS];

export class RecentDurations {
  #recentMs = [...ASSUMED_MS];

  add(durationMs: number): void {
    this.#recentMs.push(durationMs);
    if (this.#recentMs.length > MEASURED_JOBS) this.#recentMs.shift();
  }

  /** Call when the queue becomes empty: a few slow jobs in a quiet hour don't predict the next burst. */
  reset(): void {
    this.#recentMs = [...ASSUMED_MS];
  }

  /** A single expensive hash doesn't change it. */
  get medianMs(): number {
    const sorted = this.#recentMs.toSorted((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] ?? TURN_MS;
  }
}
