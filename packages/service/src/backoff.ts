/** How long to wait before asking a server again that failed. */

const FIRST_BACKOFF_MS = 1000;
export const MAX_BACKOFF_MS = 60_000;

/**
 * Exponential, with up to a quarter of jitter, so that what failed together does not come back together.
 *
 * @param failures how often it has failed so far, from 1
 * @returns whole milliseconds
 */
export function backoffMs(failures: number): number {
  const longestMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, 16));
  return Math.round(longestMs * (1 - Math.random() / 4));
}
