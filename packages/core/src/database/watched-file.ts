/**
 * Watches the file of an open database. SQLite goes on writing to a file that was moved, deleted or replaced,
 * and what it writes there is lost. Nothing is repaired here: `docs/operations.md` says to stop the process
 * before its files are moved.
 */
import { statSync } from 'node:fs';

const POLL_INTERVAL_MS = 250;

export class WatchedFile {
  readonly #timer: NodeJS.Timeout;
  #isReplaced = false;

  /**
   * @param file the path of a database that is open
   * @param opened the path that SQLite opened: another one if `file` is a symbolic link
   */
  constructor(file: string, opened: string) {
    const inode = inodeOf(opened);
    this.#timer = setInterval(() => {
      this.#isReplaced = inodeOf(file) !== inode;
    }, POLL_INTERVAL_MS).unref();
  }

  /** Whether the path leads to another file now, to an empty one, or to none. */
  get isReplaced(): boolean {
    return this.#isReplaced;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function inodeOf(file: string): bigint | null {
  try {
    const { ino, size } = statSync(file, { bigint: true });
    // SQLite serves a truncated file out of its cache for as long as it can.
    return size === 0n ? null : ino;
  } catch {
    return null;
  }
}
