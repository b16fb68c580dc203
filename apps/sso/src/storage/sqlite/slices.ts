/**
 * Work on many rows, cut into slices that are short enough for requests to be served in between. SQLite works
 * on the one thread that also serves them, so a slice is bounded by time: how long a row takes depends on the
 * table's size.
 */

/** Rows of one page of a list. */
export const PAGE_ROWS = 500;

/** Of the process that also serves requests: they wait for the whole slice. */
const SLICE_MS = 5;
/** Of another process: the service goes on meanwhile, and only what it writes waits, for the lock. */
export const LONG_SLICE_MS = 40;
/** After a long slice: longer than the 10 ms after which the service asks again for the lock. */
export const REST_MS = 20;
/** The clock is read after so many rows: a slice lasts longer than it should by at most one batch. */
const BATCH_ROWS = 10;
/** A bound beside the clock's, so that a slice is bounded whatever the clock does. */
const SLICE_ROWS = 250;

/** Works on at most `limit` rows. @returns how many those were */
type Batch = (limit: number) => number;

/**
 * Runs batches one after the other until each has found less than it could take, or the slice is full.
 *
 * @param clock in milliseconds
 */
export function workInSlice(
  batches: readonly Batch[],
  { sliceMs = SLICE_MS, clock = () => performance.now() } = {},
): { rows: number; isDone: boolean } {
  const endsAt = clock() + sliceMs;
  let rows = 0;
  for (const batch of batches) {
    let count: number;
    do {
      const isFull = rows + BATCH_ROWS > SLICE_ROWS || clock() >= endsAt;
      if (isFull && rows > 0) return { rows, isDone: false };
      count = batch(BATCH_ROWS);
      rows += count;
    } while (count === BATCH_ROWS);
  }
  return { rows, isDone: true };
}
