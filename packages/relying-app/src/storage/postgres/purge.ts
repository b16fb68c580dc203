/** Ends expired app sessions in PostgreSQL, and deletes old records, in slices. Any instance may do it. */
import { type PostgresDatabase, toStatement } from '@samesite-sso/core';
import { RETENTION_MS } from '../app-store.ts';
import { LOCK_KEY } from './sid-lock.ts';

const MAX_SLICE_ROWS = 250;

/** Each table with its key, and the time from which the retention counts. */
const RECORDS = [
  ['logout_token', 'jti', 'received_at'],
  ['ended_session', 'ended_in, id', 'ended_at'],
  ['replaced_session', 'token_hash', 'replaced_at'],
  ['site_sign_out', 'sid', 'ends_at'],
] as const;

const hasOldRecords = RECORDS.map(
  ([table, , time]) => `EXISTS (SELECT FROM ${table} WHERE ${time} <= :deleteBefore)`,
);
const findExpired = toStatement<{ now: number; deleteBefore: number }>(
  `SELECT EXISTS (SELECT FROM app_session WHERE ends_at <= :now) AS "hasSessions",
     ${hasOldRecords.join(' OR ')} AS "hasRecords"`,
);

/** Skips the SSO sessions that another instance is changing. The next purge ends their sessions. */
const lockExpired = toStatement<{ now: number }>(
  `WITH expired AS MATERIALIZED (
     SELECT id, sid FROM app_session WHERE ends_at <= :now ORDER BY ends_at LIMIT ${MAX_SLICE_ROWS}
   ), locked AS MATERIALIZED (
     SELECT sid FROM (SELECT DISTINCT sid FROM expired) AS concerned
     WHERE pg_try_advisory_xact_lock(${LOCK_KEY})
   )
   SELECT id::text AS id FROM expired JOIN locked USING (sid)`,
);

const endExpired = toStatement<{ ids: readonly string[]; now: number }>(
  `WITH ended AS (
     DELETE FROM app_session WHERE id = ANY (:ids::bigint[]) RETURNING sid
   ), record AS (
     INSERT INTO ended_session (sid, ended_at)
     SELECT DISTINCT sid, :now::bigint FROM ended WHERE NOT EXISTS (
       SELECT FROM app_session AS other WHERE other.sid = ended.sid AND other.id <> ALL (:ids::bigint[])
     )
   )
   SELECT FROM ended`,
);

const deleteRecords = RECORDS.map(([table, key, time]) =>
  toStatement<{ deleteBefore: number }>(
    `DELETE FROM ${table} WHERE (${key}) IN (
       SELECT ${key} FROM ${table} WHERE ${time} <= :deleteBefore ORDER BY ${time}
       LIMIT ${MAX_SLICE_ROWS} FOR UPDATE SKIP LOCKED
     )`,
  ),
);

export function postgresPurge(database: PostgresDatabase): (now: number) => Promise<boolean> {
  const endSessions = (now: number) =>
    database.transact(async (transaction) => {
      const { rows } = await transaction.query<{ id: string }>(...lockExpired({ now }));
      if (rows.length === 0) return 0;
      return (await transaction.query(...endExpired({ ids: rows.map(({ id }) => id), now }))).count;
    });
  return async (now) => {
    const deleteBefore = now - RETENTION_MS;
    const { rows } = await database.query<{ hasSessions: boolean; hasRecords: boolean }>(
      ...findExpired({ now, deleteBefore }),
    );
    const { hasSessions = false, hasRecords = false } = rows[0] ?? {};
    if (!(hasSessions || hasRecords) || !(await database.isOnTime())) return false;
    let count = hasSessions ? await endSessions(now) : 0;
    if (hasRecords) {
      for (const statement of deleteRecords)
        count += (await database.write(...statement({ deleteBefore }))).count;
    }
    return count > 0;
  };
}
