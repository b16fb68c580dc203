/** Ends any number of sessions in slices, so that no transaction takes long. */
import { type PostgresDatabase, toStatement } from '@samesite-sso/core';
import { NOTICE_GRACE_MS } from '../session-store.ts';
import type { AuditContext, ExpiryTimes, SessionStore } from '../stores.ts';
import { endChosen, endLocked, storeLocked } from './session-ending.ts';
import { SLICE_ROWS } from './slices.ts';

const findLast = 'SELECT max(id) AS last FROM sso_session';
const findRange = toStatement<{ after: number; upTo: number }>(
  `SELECT id, sid FROM sso_session WHERE id > :after AND id <= :upTo ORDER BY id LIMIT ${SLICE_ROWS}`,
);

const findWithApp = toStatement<{ app: string }>(
  `SELECT sid FROM session_app WHERE app = :app ORDER BY sid LIMIT ${SLICE_ROWS}`,
);
// All code that deletes rows of `session_app` locks their sessions first, in this order.
const lock = toStatement<{ sids: string[] }>(
  'SELECT FROM sso_session WHERE sid = ANY (:sids::text[]) ORDER BY sid FOR UPDATE',
);
// No person waits for these notices either: see `end` in `session-ending.ts`.
const endAccess = toStatement<AuditContext & { sids: string[]; app: string }>(
  `WITH access AS (
     DELETE FROM session_app WHERE app = :app AND sid = ANY (:sids::text[]) RETURNING id, sid, last_issued_at
   ), ending AS (
     SELECT access.id, sid, account_id, ends_at, last_issued_at, username
     FROM access JOIN sso_session USING (sid) JOIN account ON account.id = account_id
   ), notice AS (
     INSERT INTO logout_notice (app, sid, account_id, issued_at, ended_by_time, due_at, give_up_at)
     SELECT :app, sid, account_id, last_issued_at, TRUE, :at::bigint,
       greatest(ends_at, :at::bigint) + ${NOTICE_GRACE_MS}
     FROM ending ORDER BY id
   )
   INSERT INTO audit_record (at, kind, act_by, address, account_id, username, sid, app)
   SELECT :at::bigint, 'app access ended', :actor, :address, account_id, username, sid, :app
   FROM ending ORDER BY id`,
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

type SessionSlices = Pick<SessionStore, 'endAll' | 'endAtApp' | 'endExpired'>;

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
    async endAtApp(app, context) {
      for (;;) {
        const { rows } = await database.query<{ sid: string }>(...findWithApp({ app }));
        if (rows.length === 0) return 0;
        const sids = rows.map(({ sid }) => sid);
        const { count } = await database.writeAll(lock({ sids }), endAccess({ app, sids, ...context }));
        // Another instance that does the same may have been faster with all of them: look for more.
        if (count > 0) return count;
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
