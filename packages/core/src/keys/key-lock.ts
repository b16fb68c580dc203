/**
 * One change of a key file at a time, whichever processes want one. SQLite's lock on an empty file beside
 * it: the operating system frees it with its holder, so one that died blocks nobody.
 */
import { closeSync, constants, openSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { DatabaseFault } from '../files/config-error.ts';
import { giveToOwnerOf } from './key-file.ts';

/** Milliseconds; a change takes as long as the disk needs for one small file. */
const LOCK_TIMEOUT_MS = 5000;

/** As `a`, but never through a link. */
const OPEN = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);

/**
 * @param work synchronous, so that two of one process never wait for each other
 * @throws {DatabaseFault} when the lock cannot be had
 */
export function underLock<Result>(file: string, work: () => Result): Result {
  const lock = takeLock(file);
  try {
    return work();
  } finally {
    lock.close();
  }
}

function takeLock(file: string): Sqlite.Database {
  const name = `${file}.lock`;
  try {
    const descriptor = openSync(name, OPEN, 0o600);
    giveToOwnerOf(file, descriptor);
    closeSync(descriptor);
    const lock = new Sqlite(name, { timeout: LOCK_TIMEOUT_MS });
    lock.pragma('journal_mode = MEMORY'); // Nothing is ever written: no journal has to lie beside it.
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    const reason = code === 'SQLITE_BUSY' ? 'another process is at it; try again' : message;
    throw new DatabaseFault(`${file} cannot be written: ${reason}`);
  }
}
