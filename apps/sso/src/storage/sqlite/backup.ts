/** Copies the database of a service that goes on working, and its signing keys, into files of their own. */
import { closeSync, copyFileSync, fsyncSync, openSync, rmSync } from 'node:fs';
import path from 'node:path';
import { keyFileOf } from '@samesite-sso/core';
import Sqlite from 'better-sqlite3';
import type { AuditEvent } from '../audit-store.ts';
import type { AuditContext } from '../stores.ts';

/**
 * The copy is the database as it is at one moment, in one file that only its owner can read; it was read back
 * and found whole. The keys are copied beside it, as the service expects them beside its database.
 *
 * @param database path of the database
 * @param copy path of the copy; neither it nor its keys exist so far
 * @throws {Error} when it cannot be done; then there is no copy
 */
export function backUp(database: string, copy: string): void {
  // SQLite copies into an empty file as into a new one, and leaves its mode as it is.
  closeSync(openSync(copy, 'wx', 0o600));
  try {
    const source = new Sqlite(database, { fileMustExist: true, timeout: 5000 });
    try {
      source.prepare('VACUUM INTO ?').run(copy); // Reads one snapshot; whoever writes meanwhile is not held up.
    } finally {
      source.close();
    }
    refuseDamaged(copy);
    copyPrivately(keyFileOf(database), keyFileOf(copy));
  } catch (error) {
    rmSync(copy, { force: true });
    throw error;
  }
  try {
    for (const file of [copy, keyFileOf(copy), path.dirname(copy)]) synchronise(file);
  } catch (error) {
    for (const file of [copy, keyFileOf(copy)]) rmSync(file, { force: true });
    throw error;
  }
}

/**
 * Writes to the audit trail of a database that it was copied. The database stays at its schema, since a copy comes
 * before an upgrade: where that knows no trail yet, there is nothing to write to.
 *
 * @throws {Error} when it cannot be written
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

function refuseDamaged(copy: string): void {
  const sqlite = new Sqlite(copy, { readonly: true });
  const found = sqlite.pragma('integrity_check', { simple: true });
  sqlite.close();
  if (found !== 'ok') throw new Error(`the copy is damaged: ${found}`);
}

function copyPrivately(from: string, to: string): void {
  const descriptor = openSync(to, 'wx', 0o600);
  closeSync(descriptor);
  try {
    copyFileSync(from, to);
  } catch (error) {
    rmSync(to);
    throw error;
  }
}

/** So that the copy outlasts a power cut. Windows cannot be asked for that of a folder. */
function synchronise(file: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(file, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
