/**
 * Reads, locks and replaces the file of a server's private keys, `<database>.keys.json`, newest key first. A
 * change is written to a draft, which then replaces the file, so that the file never holds half a change.
 */
import {
  closeSync,
  constants,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { DatabaseError } from '../files/config-error.ts';
import { requirePrivateFile } from '../files/private-file.ts';
import { readJsonFile } from '../files/text-file.ts';
import { exportKey, importKey, type Key, type StoredKey } from './stored-key.ts';

/** A change takes as long as the disk needs for one small file. */
const KEY_LOCK_TIMEOUT_MS = 5000;

/** Like `a`, but never through a symbolic link. */
const LOCK_FILE_FLAGS =
  constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);

export function keyFileOf(database: string): string {
  return `${database}.keys.json`;
}

/** @throws {DatabaseError} when the file is missing, open to others, or damaged; it reveals no key */
export function readKeyFile(file: string): readonly Key[] {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) throw new DatabaseError(`${file} is missing`);
  requirePrivateFile(file);
  const content = readPrivateJson(file);
  let keys: Key[];
  try {
    keys = (content as { keys: StoredKey[] }).keys.map((key) => importKey(key, Math.floor(status.mtimeMs)));
  } catch {
    throw new DatabaseError(`${file} doesn't contain valid keys; restore it from a backup`);
  }
  if (keys.length === 0) throw new DatabaseError(`${file} contains no key`);
  return keys;
}

function readPrivateJson(file: string): unknown {
  try {
    return readJsonFile(file, 'a file of keys', { isSecret: true }).value;
  } catch (error) {
    const { message, cause } = error as Error;
    throw new DatabaseError(cause === undefined ? `${message}; restore it from a backup` : message);
  }
}

/**
 * Replaces the whole file. Call it only while holding the lock: a draft that exists was left by a crash.
 *
 * @throws {DatabaseError} when it can't be written; the file is unchanged then
 */
export function writeKeyFile(file: string, keys: readonly Key[]): void {
  const draft = `${file}.draft`;
  try {
    rmSync(draft, { force: true });
    const descriptor = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(descriptor, `${JSON.stringify({ keys: keys.map(exportKey) }, null, 2)}\n`);
      giveToOwnerOf(file, descriptor);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
    syncFolder(path.dirname(file));
  } catch (error) {
    throw new DatabaseError(`${file} can't be written: ${(error as Error).message}`);
  }
}

/**
 * Lets one process at a time change a key file. The lock is SQLite's, on an empty file beside it: the
 * operating system releases it when its holder dies, even by `kill -9`. Lock files with a timeout
 * (`proper-lockfile`) can't tell a dead holder from a suspended one.
 *
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
    const descriptor = openSync(lockFile, LOCK_FILE_FLAGS, 0o600);
    giveToOwnerOf(file, descriptor);
    closeSync(descriptor);
    const lock = new Sqlite(lockFile, { timeout: KEY_LOCK_TIMEOUT_MS });
    lock.pragma('journal_mode = MEMORY'); // Nothing is written, so no journal file is needed.
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    const reason = code === 'SQLITE_BUSY' ? 'another process is changing it; try again' : message;
    throw new DatabaseError(`${file} can't be written: ${reason}`);
  }
}

/**
 * What root writes on the command line must stay readable by the server's user. The owner is changed by
 * descriptor, not by name: that user could put a link to another file there.
 */
function giveToOwnerOf(file: string, descriptor: number): void {
  if (process.getuid?.() !== 0) return;
  const owner = statSync(file, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) fchownSync(descriptor, owner.uid, owner.gid);
}

/** A rename survives a power cut once its folder is synced. Windows can't sync folders. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
