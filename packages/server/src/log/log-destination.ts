/** Writes the log to standard output. If nobody reads it, or the disk is full, lines are dropped at once. */
import { fstatSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';

const STANDARD_OUTPUT = 1;
/** Some five thousand lines that wait to be written. Later lines are dropped. */
const MAX_QUEUED_BYTES = 1 << 20;
const FLUSH_TIMEOUT_MS = 500;

/**
 * Opening the stream makes a pipe non-blocking. Otherwise a reader that stalls would block a thread of Node's
 * pool in its write, and the process, which waits for that thread, could not end.
 */
const status = fstatSync(STANDARD_OUTPUT);
if (status.isFIFO() || status.isSocket()) void process.stdout.writable;

export const logDestination = pino.destination({
  dest: STANDARD_OUTPUT,
  sync: false,
  maxLength: MAX_QUEUED_BYTES,
  // With 0, `flush` would return early. Every line is longer than 1 byte, so none is held back.
  minLength: 1,
});
// A full disk, or a reader that has left. The next line tries again.
logDestination.on('error', () => {});
// At exit, pino would write the rest, and retry for as long as that fails: a crashed process would never end.
process.prependListener('exit', () => logDestination.destroy());

/** Call it last: it waits until the log is written, or can't be, and closes it. */
export async function closeLog(): Promise<void> {
  const flushed = new Promise<void>((resolve) => logDestination.flush(() => resolve()));
  await Promise.race([flushed, delay(FLUSH_TIMEOUT_MS)]);
  logDestination.destroy();
}
