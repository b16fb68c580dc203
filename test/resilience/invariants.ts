/** What must be true of a database whatever was cut off: looked at beside the running service, which changes nothing. */
import Sqlite from 'better-sqlite3';
import { expect } from 'vitest';

/** SQLite finds nothing wrong with it, and no row refers to one that is not there. */
export function isSound(file: string): void {
  const database = new Sqlite(file, { readonly: true });
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(database.pragma('foreign_key_check')).toEqual([]);
  database.close();
}

/** The SSO service's audit trail tells of what is there, and of nothing that is not. */
export function tellsWhatIs(file: string): void {
  const database = new Sqlite(file, { readonly: true });
  const rows = (sql: string) => database.prepare(sql).pluck().all();
  const sidsOf = (kind: string) =>
    `SELECT sid FROM audit_record WHERE kind = '${kind}' AND sid IS NOT NULL ORDER BY sid`;
  const look = database.transaction(() => {
    const [started, ended] = [rows(sidsOf('session started')), rows(sidsOf('session ended'))];
    expect(new Set(ended).size, 'no session ends twice').toBe(ended.length);
    const living = started.filter((sid) => !ended.includes(sid));
    expect(rows('SELECT sid FROM sso_session ORDER BY sid')).toEqual(living);
    expect(
      rows(`SELECT DISTINCT sid FROM logout_notice WHERE sid NOT IN (${sidsOf('session ended')})`),
    ).toEqual([]);
  });
  look();
  database.close();
}
