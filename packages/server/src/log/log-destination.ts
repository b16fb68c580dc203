/** Writes the log to standard output. If nobody reads it, or the disk is full, lines are dropped at once. */
import { fstatSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';

const STANDARD_OUTPUT = 1;
/** Some five thousand lines that wait to be written. Later lines are dropped. */
const MAX_QUEUED_BYTES = 1 << 20;
const FLUSH_TIMEOUT_MS = 500;
/** Some ninety lines. A pipe takes that at once, unless its reader stalls. */
const MAX_BATCH_LENGTH = 16_384;
const MAX_DELAY_MS = 50;

/**
 * Opening the stream makes a pipe non-blocking. Otherwise a reader that stalls would block a thread of Node's
 * pool in its write, and the process, which waits for that thread, could not end.
 */
const status = fstatSync(STANDARD_OUTPUT);
if (status.isFIFO() || status.isSocket()) void process.stdout.writable;

const destination = pino.destination({
  dest: STANDARD_OUTPUT,
  sync: false,
  maxLength: MAX_QUEUED_BYTES,
  // With 0, `flush` would return early. Every line is longer than 1 byte, so none is held back.
  minLength: 1,
});
// A full disk, or a reader that has left. The next line tries again.
destination.on('error', () => {});

/** Lines that aren't written yet. One write for many costs far less than one for each. */
let batch = '';
let timer: NodeJS.Timeout | undefined;

export const logDestination: pino.DestinationStream = {
  write: (line) => {
    batch += line;
    if (batch.length >= MAX_BATCH_LENGTH) writeBatch();
    else timer ??= setTimeout(writeBatch, MAX_DELAY_MS).unref();
  },
};

function writeBatch(): void {
  clearTimeout(timer);
  timer = undefined;
  destination.write(batch);
  batch = '';
}

process.prependListener('exit', () => {
  // Pino would write the rest, and retry for as long as that fails: a crashed process would never end.
  destination.destroy();
  try {
    // The lines before a crash say most about it.
    writeSync(STANDARD_OUTPUT, batch);
  } catch {
    // The disk is full, or the reader stalls or has left.
  }
});

/** Call it last: it waits until the log is written, or can't be, and closes it. */
export async function closeLog(): Promise<void> {
  if (batch !== '') writeBatch();
  const flushed = new Promise<void>((resolve) => destination.flush(() => resolve()));
  await Promise.race([flushed, delay(FLUSH_TIMEOUT_MS)]);
  destination.destroy();
}
