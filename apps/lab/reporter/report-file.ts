/** Reads the report file, to which the lab's server writes its address and a secret at each start. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { ReportFile } from '../exchange/exchange.ts';

/** The minimum time between two reads of the file. */
const READ_INTERVAL_MS = 1000;

const MAX_FILE_BYTES = 4096;

export class ReportAddress {
  readonly #file: string;
  #readAt = Number.NEGATIVE_INFINITY;
  #current: ReportFile | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  /** Returns the file's content, null if it can't be trusted. May wait until the next read is allowed. */
  async get(): Promise<ReportFile | null> {
    if (this.#current === null) {
      const waitMs = this.#readAt + READ_INTERVAL_MS - performance.now();
      if (waitMs > 0) await delay(waitMs, undefined, { ref: false });
      this.#read();
    }
    // The lab's server removes the file when it closes. Its port may then be another program's.
    else if (performance.now() - this.#readAt > READ_INTERVAL_MS) this.#read();
    return this.#current;
  }

  /**
   * Returns the address after a restart of the lab's server, or null if the file still has the one that took
   * no report. May wait like {@link get}.
   */
  async replace(failed: ReportFile): Promise<ReportFile | null> {
    this.#current = null;
    const next = await this.get();
    return next?.url === failed.url && next.secret === failed.secret ? null : next;
  }

  #read(): void {
    this.#readAt = performance.now();
    try {
      this.#current = v.parse(ReportFile, JSON.parse(readOwnFile(this.#file)));
    } catch {
      this.#current = null; // The lab isn't running, or the file can't be trusted.
    }
  }
}

/**
 * Reads a file that only this process's user can have written. Another user of the machine could otherwise
 * have the messages sent to a server of their own.
 *
 * @throws {Error} if the file can't be opened, or isn't such a file
 */
function readOwnFile(file: string): string {
  // Opening a FIFO would block the process. Windows has neither flag.
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const descriptor = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile() || status.size > MAX_FILE_BYTES) throw new Error('not a small file');
    if (process.geteuid !== undefined && (status.uid !== process.geteuid() || (status.mode & 0o077) !== 0)) {
      throw new Error("another user's, or open to others");
    }
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}
