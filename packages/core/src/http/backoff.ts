/** The growing pauses between requests to a server that fails. */

const FIRST_BACKOFF_MS = 1000;
export const MAX_BACKOFF_MS = 60_000;

/**
 * How long to wait before the next request to a server that failed. The time grows exponentially, with up to
 * a quarter of jitter, so that requests that failed together aren't repeated together.
 *
 * @param failures how often it has failed so far, from 1
 */
export function backoffMs(failures: number): number {
  const longestMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, 16));
  return Math.round(longestMs * (1 - Math.random() / 4));
}
