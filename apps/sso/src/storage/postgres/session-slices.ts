/** Ends any number of sessions in slices, so that no transaction takes long. */
import { type PostgresDatabase, toStatement } from '@samesite-sso/core';
import type { AuditContext, ExpiryTimes, SessionStore } from '../stores.ts';
import { endChosen, endLocked, storeLocked } from './session-ending.ts';
import { SLICE_ROWS } from './slices.ts';

const findLast = 'SELECT max(id) AS last FROM sso_session';
const findRange = toStatement<{ after: number; upTo: number }>(
  `SELECT id, sid FROM sso_session WHERE id > :after AND id <= :upTo ORDER BY id LIMIT ${SLICE_ROWS}`,
);

const hasExpired = toStatement<ExpiryTimes>(
  `SELECT EXISTS (SELECT FROM sso_session WHERE ends_at <= :now)
     OR EXISTS (SELECT FROM sso_session WHERE last_seen_at <= :idleSince) AS "hasExpired"`,
);
/** Skips sessions that another instance is ending, or issues a token of. */
const lockExpired = toStatement<ExpiryTimes>(
  `WITH overdue AS (
     SELECT sid, account_id, 'maximum lifetime' AS reason FROM sso_session WHERE ends_at <= :now
     ORDER BY ends_at, id LIMIT ${SLICE_ROWS} FOR UPDATE SKIP LOCKED
   ), idle AS (
     SELECT sid, account_id, 'idle timeout' AS reason FROM sso_session
     WHERE last_seen_at <= :idleSince AND ends_at > :now
     ORDER BY last_seen_at, id LIMIT ${SLICE_ROWS} - (SELECT count(*) FROM overdue) FOR UPDATE SKIP LOCKED
   ), locked AS (
     SELECT * FROM overdue UNION ALL SELECT * FROM idle
   )
   SELECT ${storeLocked()} FROM locked`,
);

type SessionSlices = Pick<SessionStore, 'endAll' | 'endExpired'>;

export function postgresSessionSlices(database: PostgresDatabase): SessionSlices {
  return {
    // Sessions that exist now have lower ids than those that start after this.
    async *endAll(reason, context) {
      const { rows } = await database.query<{ last: number | null }>(findLast);
      const upTo = rows[0]?.last ?? 0;
      for (let after = 0; after < upTo; ) {
        const range = await database.query<{ id: number; sid: string }>(...findRange({ after, upTo }));
        const sids = range.rows.map(({ sid }) => sid);
        after = range.rows.at(-1)?.id ?? upTo;
        if (sids.length > 0) yield (await database.writeAll(...endChosen({ sids }, reason, context))).count;
      }
    },
    async endExpired(expiry) {
      const { rows } = await database.query<{ hasExpired: boolean }>(...hasExpired(expiry));
      if (!rows[0]?.hasExpired || !(await database.isOnTime())) return 0;
      const context: AuditContext = { at: expiry.now, actor: 'service', address: null };
      return (await database.writeAll(lockExpired(expiry), ...endLocked(context))).count;
    },
  };
}
