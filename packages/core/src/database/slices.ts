/**
 * Splits work on many rows into slices, so that requests are served in between. SQLite runs on the thread
 * that serves requests, so a slice is bounded by time: the time per row depends on the table's size.
 */
import { setTimeout as delay } from 'node:timers/promises';

/** In the serving process, requests wait for the whole slice. */
const SLICE_MS = 5;
/** The clock is read once per batch, so a slice can exceed its time by one batch. */
const BATCH_ROWS = 25;
/** Bounds a slice even if the clock jumps. */
const MAX_SLICE_ROWS = 250;

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

/**
 * Runs slices until one returns false, or until `isStopped` returns true. Rests after each slice for as long
 * as it took, because the database runs on the thread that serves requests: they get at least half of its
 * time.
 */
export async function runSlices(
  runSlice: () => Promise<boolean>,
  isStopped: () => boolean = () => false,
): Promise<void> {
  let hasMore = true;
  while (hasMore && !isStopped()) {
    const startedAtMs = performance.now();
    hasMore = await runSlice();
    if (hasMore) await delay(performance.now() - startedAtMs);
  }
}
