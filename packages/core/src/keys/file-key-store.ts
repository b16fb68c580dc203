/** The keys in a file beside a SQLite database, for one server and the command line beside it. */
import { existsSync, statSync } from 'node:fs';
import { readKeyFile, withKeyLock, writeKeyFile } from './key-file.ts';
import { type FollowedKeys, type KeyEvent, KeyRotationError, type KeyStore } from './key-store.ts';
import type { Key } from './stored-key.ts';

const POLL_INTERVAL_MS = 250;

export interface FileKeyStoreOptions {
  /** The time in milliseconds since the epoch. */
  clock?: (() => number) | undefined;
  /** Adds an audit record, after the change: no transaction spans the key file and the database. */
  record?: (event: KeyEvent) => Promise<void>;
}

/** @param file the path of the key file, usually `keyFileOf(database)` */
export function fileKeyStore(
  file: string,
  { clock = Date.now, record = async () => {} }: FileKeyStoreOptions = {},
): KeyStore {
  const read = () => ({ keys: existsSync(file) ? readKeyFile(file) : [], now: clock() });
  return {
    place: file,
    // The only server checks the file every 250 ms, which the clock tolerance covers.
    propagationSeconds: 0,
    read: async () => read(),
    async change(edit) {
      const change = withKeyLock(file, () => {
        const current = read(); // Under the lock: another process may have changed them.
        const edited = edit(current);
        if (edited.keys !== current.keys) writeKeyFile(file, edited.keys);
        return edited;
      });
      if (change.event !== null) await record(change.event);
      return change;
    },
    async reseal() {
      throw new KeyRotationError(`${file} isn't sealed: only the keys in a PostgreSQL database are`);
    },
    follow: async (warn) => followKeyFile(file, clock(), warn),
  };
}

/** Checks the file for changes when the keys are used, but at most every 250 ms. */
function followKeyFile(file: string, openedAt: number, warn: (message: string) => void): FollowedKeys {
  let version = versionOf(file);
  let keys: readonly Key[] = readKeyFile(file);
  let checkedAt = openedAt;
  let lastWarning = '';
  return {
    current(now) {
      if (Math.abs(now - checkedAt) < POLL_INTERVAL_MS) return keys;
      checkedAt = now;
      try {
        // Take the version before reading: a change in between is read the next time.
        const newVersion = versionOf(file);
        if (newVersion !== version) keys = readKeyFile(file);
        version = newVersion;
        lastWarning = '';
      } catch (error) {
        const { message } = error as Error;
        if (message !== lastWarning) warn(`${message}; the keys read before stay in use`);
        lastWarning = message;
      }
      return keys;
    },
    close: async () => {},
  };
}

/** Changes whenever the file does. Null if there is none. */
function versionOf(file: string): string | null {
  const status = statSync(file, { bigint: true, throwIfNoEntry: false });
  return status === undefined ? null : [status.ino, status.size, status.mtimeNs, status.ctimeNs].join(' ');
}
