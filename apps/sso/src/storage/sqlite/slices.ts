/**
 * Splits work on many rows into slices, so that requests are served in between. SQLite runs on the thread
 * that serves requests, so a slice is bounded by time: the time per row depends on the table's size.
 */
import type { Database } from '@samesite-sso/core';

export const PAGE_ROWS = 500;

/** In the serving process, where requests wait for the whole slice. */
const SLICE_MS = 5;
/** In another process, where only the service's writes wait, for the lock. */
export const LONG_SLICE_MS = 40;
/** The pause after a long slice: longer than the 10 ms after which the service retries the lock. */
export const REST_MS = 20;
/** The clock is read once per batch, so a slice can exceed its time by one batch. */
const BATCH_ROWS = 10;
/** Bounds a slice even if the clock jumps. */
const MAX_SLICE_ROWS = 250;

/**
 * Reads pages until one isn't full. Each page is a transaction of its own.
 *
 * @param find finds up to {@link PAGE_ROWS} rows that follow `last`, or the first ones
 */
export async function* readPages<Row>(
  database: Database,
  find: (last: Row | undefined) => Row[],
): AsyncGenerator<Row[]> {
  for (let page: Row[] = [], isFull = true; isFull; isFull = page.length === PAGE_ROWS) {
    const last = page.at(-1);
    page = await database.run(() => find(last));
    if (page.length > 0) yield page;
  }
}

/**
 * Runs each batch until it processes fewer rows than it may, or until the slice is full.
 *
 * @param batches each processes at most `limit` rows and returns how many
 * @param clock in milliseconds
 */
export function workInSlice(
  batches: readonly ((limit: number) => number)[],
  { sliceMs = SLICE_MS, clock = () => performance.now() } = {},
): { rows: number; isDone: boolean } {
  const endsAt = clock() + sliceMs;
  let rows = 0;
  for (const batch of batches) {
    let count: number;
    do {
      const isFull = rows + BATCH_ROWS > MAX_SLICE_ROWS || clock() >= endsAt;
      if (isFull && rows > 0) return { rows, isDone: false };
      count = batch(BATCH_ROWS);
      rows += count;
    } while (count === BATCH_ROWS);
  }
  return { rows, isDone: true };
}
