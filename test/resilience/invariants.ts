/** Invariants of a database, however its processes ended. Reads it beside the running SSO service. */
import Sqlite from 'better-sqlite3';
import { expect } from 'vitest';
import { runOn } from '../support/postgres.ts';

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

/**
 * The audit trail in PostgreSQL agrees with the sessions, the logout notices, and the redeemed tokens. None
 * of these may have been purged.
 */
export async function expectTrueAuditTrailIn(url: string): Promise<void> {
  const ofKind = (kind: string) => `SELECT sid FROM audit_record WHERE kind = '${kind}' AND sid IS NOT NULL`;
  // One statement, so that it sees one state.
  const { rows } = await runOn(
    url,
    `WITH started AS (${ofKind('session started')}), ended AS (${ofKind('session ended')}),
       active AS (SELECT sid FROM sso_session)
     SELECT
       (SELECT count(*)::int FROM ended) - (SELECT count(DISTINCT sid)::int FROM ended) AS "endedTwice",
       ARRAY((SELECT sid FROM started EXCEPT SELECT sid FROM ended) EXCEPT SELECT sid FROM active) AS lost,
       ARRAY(SELECT sid FROM active EXCEPT (SELECT sid FROM started EXCEPT SELECT sid FROM ended)) AS revived,
       ARRAY(SELECT sid FROM logout_notice EXCEPT SELECT sid FROM ended) AS "wrongNotices",
       (SELECT count(*)::int FROM audit_record WHERE kind = 'token redeemed')
         - (SELECT count(*)::int FROM authentication_token WHERE redeemed_at IS NOT NULL) AS "redeemedTwice"`,
  );
  expect(rows).toEqual([{ endedTwice: 0, lost: [], revived: [], wrongNotices: [], redeemedTwice: 0 }]);
}
