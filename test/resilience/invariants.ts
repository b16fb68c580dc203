/** Invariants of a database, however its process ended. Reads it beside the running SSO service. */
import Sqlite from 'better-sqlite3';
import { expect } from 'vitest';

/** SQLite finds no damage, and every foreign key refers to a row. */
export function expectIntegrity(file: string): void {
  const database = new Sqlite(file, { readonly: true });
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(database.pragma('foreign_key_check')).toEqual([]);
  database.close();
}

/** The SSO service's audit trail agrees with its sessions and logout notices. */
export function expectTrueAuditTrail(file: string): void {
  const database = new Sqlite(file, { readonly: true });
  const rows = (sql: string) => database.prepare(sql).pluck().all();
  const sidsOf = (kind: string) =>
    `SELECT sid FROM audit_record WHERE kind = '${kind}' AND sid IS NOT NULL ORDER BY sid`;
  const check = database.transaction(() => {
    const [started, ended] = [rows(sidsOf('session started')), rows(sidsOf('session ended'))];
    expect(new Set(ended).size, 'no session ends twice').toBe(ended.length);
    const active = started.filter((sid) => !ended.includes(sid));
    expect(rows('SELECT sid FROM sso_session ORDER BY sid')).toEqual(active);
    expect(
      rows(`SELECT DISTINCT sid FROM logout_notice WHERE sid NOT IN (${sidsOf('session ended')})`),
    ).toEqual([]);
  });
  check();
  database.close();
}
