/**
 * The files of a database in use, watched: SQLite goes on writing to one that was moved or deleted, and nobody would ever
 * read it. What lies beside it is kept from another that takes its place.
 */
import { renameSync, statSync } from 'node:fs';

const POLL_INTERVAL_MS = 250;

/** What SQLite has beside a database while it is in use. */
const COMPANIONS = ['-wal', '-shm'];

interface Companion {
  path: string;
  /** Where it is while another database lies in its place. */
  aside: string;
  inode: number | null;
}

export class WatchedFile {
  readonly #companions: readonly Companion[];
  readonly #watch: NodeJS.Timeout;
  #isGone = false;

  /**
   * @param file the path of a database that SQLite has opened already
   * @param used the path that SQLite opened: another one if `file` is a symbolic link
   */
  constructor(file: string, used: string) {
    const inode = inodeOf(used);
    this.#companions = COMPANIONS.map((suffix) => {
      const path = used + suffix;
      return { path, aside: `${used}.replaced${suffix}`, inode: inodeOf(path) };
    });
    this.#watch = setInterval(() => this.#look(inode, file, used), POLL_INTERVAL_MS).unref();
  }

  /** Whether there is another file in its place, an empty one, or none. */
  get isGone(): boolean {
    return this.#isGone;
  }

  stop(): void {
    clearInterval(this.#watch);
  }

  #look(inode: number | null, file: string, used: string): void {
    const inPlace = inodeOf(used);
    // SQLite serves a file that was truncated out of its cache for as long as it can.
    this.#isGone = inodeOf(file) !== inode || isEmpty(file);
    for (const each of this.#companions) {
      // SQLite does not look whose they are: whoever opens the other database would write our log into it.
      if (inPlace === inode) move(each.inode, each.aside, each.path);
      else if (inPlace !== null) move(each.inode, each.path, each.aside);
    }
  }
}

/** Only if it is that very file: another process may have one of its own there. */
function move(inode: number | null, from: string, to: string): void {
  if (inode === null || inodeOf(from) !== inode) return;
  try {
    renameSync(from, to);
  } catch {
    // It went this moment, or the folder is read-only: then nobody can use the other one either.
  }
}

/** What tells a file from another of its name, or null when nothing can be said of it. */
function inodeOf(file: string): number | null {
  try {
    return statSync(file).ino;
  } catch {
    return null;
  }
}

function isEmpty(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.size === 0;
}
