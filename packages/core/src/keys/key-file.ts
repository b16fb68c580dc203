/**
 * Reads and replaces the file of a server's private keys, `<database>.keys.json`, newest key first. A new
 * file is written aside and renamed, so that it never holds half a change.
 */
import {
  closeSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { DatabaseError } from '../files/config-error.ts';
import { readJsonFile } from '../files/json-file.ts';
import { requirePrivateFile } from '../files/private-file.ts';
import { exportKeyPair, importKeyPair, isPrivateJwk, type KeyPair, type PrivateJwk } from './key-pair.ts';

/** Times are in milliseconds since the epoch. */
export interface Key extends KeyPair {
  readonly createdAt: number;
  /** When it starts to sign. */
  readonly activeFrom: number;
}

/**
 * Both times are ISO 8601 and keep the names that version 0.1 gave them, so that an older version can still
 * read the file after a rollback. The first files have neither.
 */
type StoredKey = PrivateJwk & { born?: string; signsFrom?: string };

export function keyFileOf(database: string): string {
  return `${database}.keys.json`;
}

/** @throws {DatabaseError} when the file is missing, open to others, or damaged; it reveals no key */
export function readKeyFile(file: string): readonly Key[] {
  const { content, writtenAt } = readPrivateJson(file);
  let stored: StoredKey[];
  try {
    ({ keys: stored } = content as { keys: StoredKey[] });
    if (!stored.every((key) => isPrivateJwk(key) && hasValidTimes(key))) throw new Error('not keys');
  } catch {
    throw new DatabaseError(`${file} is not a file of keys; restore it from a backup`);
  }
  if (stored.length === 0) throw new DatabaseError(`${file} holds no key`);
  try {
    return stored.map((key) => {
      const createdAt = key.born === undefined ? writtenAt : Date.parse(key.born);
      const activeFrom = key.signsFrom === undefined ? createdAt : Date.parse(key.signsFrom);
      return { ...importKeyPair(key), createdAt, activeFrom };
    });
  } catch {
    throw new DatabaseError(`${file} holds a key that cannot be used; restore it from a backup`);
  }
}

/**
 * Replaces the whole file. Call it only while holding the lock: a draft that exists was left by a crash.
 *
 * @throws {DatabaseError} when it can't be written; the file is unchanged then
 */
export function writeKeyFile(file: string, keys: readonly Key[]): void {
  const stored = keys.map(({ createdAt, activeFrom, ...pair }) => ({
    ...exportKeyPair(pair),
    born: new Date(createdAt).toISOString(),
    signsFrom: new Date(activeFrom).toISOString(),
  }));
  const draft = `${file}.draft`;
  try {
    rmSync(draft, { force: true });
    const descriptor = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(descriptor, `${JSON.stringify({ keys: stored }, null, 2)}\n`);
      giveToOwnerOf(file, descriptor);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
    syncFolder(path.dirname(file));
  } catch (error) {
    throw new DatabaseError(`${file} cannot be written: ${(error as Error).message}`);
  }
}

/**
 * What root writes on the command line must stay readable for the server's user. It goes by the descriptor,
 * not by the name, where that user could put a link to another file.
 */
export function giveToOwnerOf(file: string, descriptor: number): void {
  if (process.getuid?.() !== 0) return;
  const owner = statSync(file, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) fchownSync(descriptor, owner.uid, owner.gid);
}

function readPrivateJson(file: string): { content: unknown; writtenAt: number } {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) throw new DatabaseError(`${file} is missing`);
  requirePrivateFile(file);
  try {
    const { value } = readJsonFile(file, 'a file of keys', { isSecret: true });
    return { content: value, writtenAt: Math.floor(status.mtimeMs) };
  } catch (error) {
    const { message, cause } = error as Error;
    throw new DatabaseError(cause === undefined ? `${message}; restore it from a backup` : message);
  }
}

function hasValidTimes({ born, signsFrom }: StoredKey): boolean {
  return [born, signsFrom].every((time) => time === undefined || !Number.isNaN(Date.parse(time)));
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
