/** Where the log goes: to standard output, line by line and in order, and never in the way of whoever is being answered. */
import { write } from 'node:fs';
import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

/** Bytes that may wait for a reader, some five thousand lines. What comes beyond them is lost. */
const MOST_WAITING = 1 << 20;
/** Milliseconds for what still waits when the process ends. */
const LAST_PATIENCE = 500;
const RETRY = 10;
const STANDARD_OUTPUT = 1;

/**
 * `process.stdout` would write at once and wait: a reader that stalls would stop the process. The logger's own way
 * would try for ever where a disk is full. Here either costs lines, and nothing else.
 */
const output = new Writable({
  write: (line: Buffer, _encoding, done) => writeAll(line, done),
  writev: (lines, done) => writeAll(Buffer.concat(lines.map(({ chunk }) => chunk)), done),
});

export const logStream = {
  write(line: string): void {
    if (output.writableLength < MOST_WAITING) output.write(line);
  },

  /** Resolves once everything is written, or will not be. */
  async flush(): Promise<void> {
    const patience = performance.now() + LAST_PATIENCE;
    while (output.writableLength > 0 && performance.now() < patience) await pause(RETRY);
  },
};

function writeAll(bytes: Buffer, done: () => void): void {
  write(STANDARD_OUTPUT, bytes, (error, written) => {
    if (error?.code === 'EAGAIN') setTimeout(writeAll, RETRY, bytes, done);
    else if (error !== null || written === bytes.length) done();
    else writeAll(bytes.subarray(written), done);
  });
}
