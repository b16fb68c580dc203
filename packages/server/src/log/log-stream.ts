/** Where the log goes: to standard output, line by line and in order, and never in the way of whoever is being answered. */
import { fstatSync, write } from 'node:fs';
import { Socket } from 'node:net';
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
const output = isPipe()
  ? // Written without waiting: in a thread that waits for a reader, a write would hold up the end of the process, too.
    new Socket({ fd: STANDARD_OUTPUT, readable: false, writable: true })
  : new Writable({
      write: (line: Buffer, _encoding, done) => writeAll(line, done),
      writev: (lines, done) => writeAll(Buffer.concat(lines.map(({ chunk }) => chunk)), done),
    });
output.on('error', () => {}); // Its reader has left: so it is destroyed, and drops what comes.

export const logStream = {
  write(line: string): void {
    if (output.writableLength < MOST_WAITING) output.write(line);
  },

  /** Resolves once everything is written, or will not be. */
  async flush(): Promise<void> {
    const patience = performance.now() + LAST_PATIENCE;
    while (output.writableLength > 0 && !output.destroyed && performance.now() < patience) await pause(RETRY);
  },
};

function isPipe(): boolean {
  const standardOutput = fstatSync(STANDARD_OUTPUT);
  return standardOutput.isFIFO() || standardOutput.isSocket();
}

function writeAll(bytes: Buffer, done: () => void): void {
  write(STANDARD_OUTPUT, bytes, (error, written) => {
    if (error !== null || written === bytes.length) done();
    else writeAll(bytes.subarray(written), done);
  });
}
