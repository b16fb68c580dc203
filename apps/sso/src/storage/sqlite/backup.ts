/** Copies the database of a running service, and its signing keys. */
import { closeSync, copyFileSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { keyFileOf, requireNotMoved } from '@samesite-sso/core';
import Sqlite from 'better-sqlite3';
import type { AuditEvent } from '../audit-store.ts';
import type { AuditContext } from '../stores.ts';

/**
 * The copy is a consistent snapshot in one file that only its owner can read, and has passed an integrity
 * check. The keys are copied beside it, where the service expects them.
 *
 * @param database path of the database
 * @param copy path of the copy; neither it nor its key file may exist
 * @throws {Error} if it fails; then there is no copy
 */
export function backUp(database: string, copy: string): void {
  const created: string[] = [];
  const createPrivate = (file: string) => {
    writeFileSync(file, '', { flag: 'wx', mode: 0o600 });
    created.push(file);
  };
  try {
    createPrivate(copy); // `VACUUM INTO` accepts an empty file and keeps its mode.
    const source = new Sqlite(database, { fileMustExist: true, timeout: 5000 });
    try {
      requireNotMoved(source, database); // A copy of what is no longer in use would be mistaken for a backup.
      source.prepare('VACUUM INTO ?').run(copy); // Reads a snapshot, so it doesn't block writers.
    } finally {
      source.close();
    }
    requireIntact(copy);
    createPrivate(keyFileOf(copy));
    copyFileSync(keyFileOf(database), keyFileOf(copy));
    for (const file of [...created, path.dirname(copy)]) syncToDisk(file);
  } catch (error) {
    for (const file of created) rmSync(file, { force: true });
    throw error;
  }
}

/**
 * Records the copy in the audit trail of the database. Doesn't migrate the database, since people make copies
 * before an upgrade. A schema without an audit trail gets no record.
 *
 * @throws {Error} if the record can't be written
 */
export function recordCopy(database: string, copy: string, context: AuditContext): void {
  const record = { kind: 'database copied', detail: path.resolve(copy), ...context } satisfies AuditEvent &
    AuditContext;
  const sqlite = new Sqlite(database, { fileMustExist: true, timeout: 5000 });
  try {
    sqlite.pragma('synchronous = FULL');
    if (sqlite.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'audit_record'").get() === undefined) return;
    const insert = 'INSERT INTO audit_record (at, kind, act_by, detail) VALUES (:at, :kind, :actor, :detail)';
    sqlite.prepare(insert).run(record);
  } finally {
    sqlite.close();
  }
}

function requireIntact(copy: string): void {
  const sqlite = new Sqlite(copy, { readonly: true });
  const found = sqlite.pragma('integrity_check', { simple: true });
  sqlite.close();
  if (found !== 'ok') throw new Error(`the copy is damaged: ${found}`);
}

/** Makes the copy survive a power cut. Windows can't sync a folder. */
function syncToDisk(file: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(file, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
