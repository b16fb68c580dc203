/** Compares how long requests take, for tests of what time reveals. */
import { expect } from 'vitest';

const ROUNDS = 9;

/**
 * Expects each request to take about as long as the first one. The bounds detect missing work, or the work of
 * another hash.
 *
 * @param requests are made in turn, and compared within a round, so that other load affects all alike
 */
export async function expectEqualTimes(
  requests: readonly ((round: number) => Promise<unknown>)[],
): Promise<void> {
  const rounds: number[][] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const tookMs: number[] = [];
    for (const request of requests) {
      const startedAtMs = performance.now();
      await request(round);
      tookMs.push(performance.now() - startedAtMs);
    }
    rounds.push(tookMs);
  }
  for (const index of requests.keys()) {
    const ratios = rounds.map((tookMs) => (tookMs[index] ?? 0) / (tookMs[0] ?? 0));
    const median = ratios.toSorted((one, other) => one - other)[ROUNDS >> 1];
    expect(median).toBeGreaterThan(0.5);
    expect(median).toBeLessThan(2);
  }
}
