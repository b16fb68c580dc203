/**
 * Lets one process at a time change a key file. The lock is SQLite's, on an empty file beside it: the
 * operating system releases it when its holder dies, even by `kill -9`. Lock files with a timeout
 * (`proper-lockfile`) can't tell a dead holder from a suspended one.
 */
import { closeSync, constants, openSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { DatabaseError } from '../files/config-error.ts';
import { giveToOwnerOf } from './key-file.ts';

/** A change takes as long as the disk needs for one small file. */
const LOCK_TIMEOUT_MS = 5000;

/** Like `a`, but never through a symbolic link. */
const OPEN_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);

/**
 * @param work synchronous, so that two calls in one process never wait for each other
 * @throws {DatabaseError} when the lock can't be taken
 */
export function withKeyLock<Result>(file: string, work: () => Result): Result {
  const lock = takeLock(file);
  try {
    return work();
  } finally {
    lock.close();
  }
}

function takeLock(file: string): Sqlite.Database {
  const lockFile = `${file}.lock`;
  try {
    const descriptor = openSync(lockFile, OPEN_FLAGS, 0o600);
    giveToOwnerOf(file, descriptor);
    closeSync(descriptor);
    const lock = new Sqlite(lockFile, { timeout: LOCK_TIMEOUT_MS });
    lock.pragma('journal_mode = MEMORY'); // Nothing is written, so no journal file is needed.
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    const reason = code === 'SQLITE_BUSY' ? 'another process is changing it; try again' : message;
    throw new DatabaseError(`${file} cannot be written: ${reason}`);
  }
}
