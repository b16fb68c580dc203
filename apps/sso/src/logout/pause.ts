/** How long to wait before asking an app again that did not take a logout notice. */

/** Milliseconds after the first failure, and at most. Each pause doubles the last. */
const FIRST = 1000;
export const LONGEST_PAUSE = 60_000;

/**
 * With up to a quarter of jitter, so that what failed together does not come back together.
 *
 * @param failures how often it has failed so far, from 1
 * @returns whole milliseconds
 */
export function pauseAfter(failures: number): number {
  const pause = Math.min(LONGEST_PAUSE, FIRST * 2 ** Math.min(failures - 1, 16));
  return Math.round(pause * (1 - Math.random() / 4));
}
