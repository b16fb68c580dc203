/**
 * The file of a server's private keys, `<database>.keys.json`: how it is read, checked and replaced. Keys
 * stand in it newest first. It never holds half a change: it is written aside and renamed.
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
import { dirname } from 'node:path';
import { DatabaseFault } from '../files/config-error.ts';
import { readJsonFile } from '../files/json-file.ts';
import { requirePrivateFile } from '../files/private-file.ts';
import { exportKeyPair, importKeyPair, isPrivateJwk, type KeyPair, type PrivateJwk } from './key-pair.ts';

export interface Key extends KeyPair {
  /** Milliseconds since the epoch. */
  readonly born: number;
  readonly signsFrom: number;
}

type StoredKey = PrivateJwk & {
  /** ISO 8601. Files of version 0.1 have neither. */
  born?: string;
  signsFrom?: string;
};

export function keyFileOf(database: string): string {
  return `${database}.keys.json`;
}

/** @throws {DatabaseFault} when the file is missing, open to others, or damaged; it tells nothing of a key */
export function readKeyFile(file: string): readonly Key[] {
  const { content, writtenAt } = readPrivately(file);
  let stored: StoredKey[];
  try {
    ({ keys: stored } = content as { keys: StoredKey[] });
    if (!stored.every((key) => isPrivateJwk(key) && hasTimes(key))) throw new Error('holds no keys');
  } catch {
    throw new DatabaseFault(`${file} is not a file of keys; restore it from a backup`);
  }
  if (stored.length === 0) throw new DatabaseFault(`${file} holds no key`);
  try {
    return stored.map((key) => {
      const born = key.born === undefined ? writtenAt : Date.parse(key.born);
      const signsFrom = key.signsFrom === undefined ? born : Date.parse(key.signsFrom);
      return { ...importKeyPair(key), born, signsFrom };
    });
  } catch {
    throw new DatabaseFault(`${file} holds a key that cannot be used; restore it from a backup`);
  }
}

/**
 * Replaces the file as a whole. Only for the holder of its lock: what draft there is was left by a crash.
 *
 * @throws {DatabaseFault} when it cannot be done; the file is what it was
 */
export function writeKeyFile(file: string, keys: readonly Key[]): void {
  const stored = keys.map(({ born, signsFrom, ...pair }) => ({
    ...exportKeyPair(pair),
    born: new Date(born).toISOString(),
    signsFrom: new Date(signsFrom).toISOString(),
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
    syncFolder(dirname(file));
  } catch (error) {
    throw new DatabaseFault(`${file} cannot be written: ${(error as Error).message}`);
  }
}

/**
 * What an administrator writes as root must stay open to the server, which may be somebody else. By the
 * descriptor, never by the name: the server's user could lay a link there to a file that is none of theirs.
 */
export function giveToOwnerOf(file: string, descriptor: number): void {
  if (process.getuid?.() !== 0) return;
  const owner = statSync(file, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) fchownSync(descriptor, owner.uid, owner.gid);
}

function readPrivately(file: string): { content: unknown; writtenAt: number } {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) throw new DatabaseFault(`${file} is missing`);
  requirePrivateFile(file);
  try {
    const { value } = readJsonFile(file, 'a file of keys', { isSecret: true });
    return { content: value, writtenAt: Math.floor(status.mtimeMs) };
  } catch (error) {
    const { message, cause } = error as Error;
    throw new DatabaseFault(cause === undefined ? `${message}; restore it from a backup` : message);
  }
}

function hasTimes({ born, signsFrom }: StoredKey): boolean {
  return [born, signsFrom].every((time) => time === undefined || !Number.isNaN(Date.parse(time)));
}

/** A rename outlasts a power cut once its folder is on the disk. Windows cannot be asked for that. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
