/** `LogoutNoticeStore` in PostgreSQL. `session-ending.ts` and `app-access.ts` insert the notices. */

import { MAX_BACKOFF_MS, type PostgresDatabase, toStatement } from '@samesite-sso/core';
import { LEASE_MS } from '../logout-notice-store.ts';
import type { AuditContext, LogoutNotice, LogoutNoticeStore } from '../stores.ts';
import { lockTurnsOf } from './session-ending.ts';
import { SLICE_ROWS } from './slices.ts';

const COLUMNS = 'id, app, sid, account_id AS "accountId", attempts, issued_at AS "issuedAt"';
const IS_DUE = `(due_at <= :now OR due_at > :now + ${MAX_BACKOFF_MS})`;
const LEASED_UNTIL = 'delivery_lease.leased_until';
const IS_IN_FORCE = `${LEASED_UNTIL} > :now AND ${LEASED_UNTIL} <= :now + ${2 * LEASE_MS}`;

/** Jumps from app to app in the index: one that is down may have any number of notices. */
const appsDue = toStatement<{ holder: string; now: number }>(
  `WITH RECURSIVE app_with_notice (origin) AS (
     SELECT min(app) FROM logout_notice
     UNION ALL
     SELECT (SELECT min(app) FROM logout_notice WHERE app > origin) FROM app_with_notice
     WHERE origin IS NOT NULL
   )
   SELECT origin FROM app_with_notice
   WHERE EXISTS (SELECT 1 FROM logout_notice WHERE app = origin AND ${IS_DUE})
     AND NOT EXISTS
       (SELECT 1 FROM delivery_lease WHERE app = origin AND holder <> :holder AND ${IS_IN_FORCE})`,
);

/**
 * The statement sees the notices as they were when it began, and may then have waited for another holder's
 * lease. Locking the notices omits those that were delivered or postponed meanwhile.
 */
const due = toStatement<{ app: string; holder: string; now: number; limit: number }>(
  `WITH lease AS (
     INSERT INTO delivery_lease (app, holder, leased_until)
     SELECT :app, :holder, :now::bigint + ${LEASE_MS}
     WHERE EXISTS (SELECT 1 FROM logout_notice WHERE app = :app AND ${IS_DUE})
     ON CONFLICT (app) DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until
     WHERE delivery_lease.holder = excluded.holder OR NOT (${IS_IN_FORCE})
     RETURNING app
   )
   SELECT ${COLUMNS} FROM logout_notice WHERE app = :app AND ${IS_DUE} AND EXISTS (SELECT 1 FROM lease)
   ORDER BY ended_by_time, turn, due_at, id LIMIT :limit
   FOR UPDATE SKIP LOCKED`,
);

const release = toStatement<{ holder: string }>('DELETE FROM delivery_lease WHERE holder = :holder');

/** The audit records of notices that a part of the statement, `removed`, has deleted. */
const insertRecords = (kind: string, detail: string) =>
  `INSERT INTO audit_record (at, kind, act_by, address, account_id, username, sid, app, detail)
   SELECT :at, '${kind}', :actor, :address, account_id,
     (SELECT username FROM account WHERE account.id = account_id), sid, app, ${detail}
   FROM removed ORDER BY removed.id`;

/** Locks in order of the ids: a holder that lost its lease may record the same notices as the new one. */
const delivered = toStatement<AuditContext & { ids: number[] }>(
  `WITH received AS (
     SELECT id FROM logout_notice WHERE id = ANY (:ids::bigint[]) ORDER BY id FOR UPDATE
   ), removed AS (
     DELETE FROM logout_notice WHERE id IN (SELECT id FROM received) RETURNING *
   )
   ${insertRecords('logout delivered', `'after ' || nullif(attempts, 0) || ' failed attempts'`)}`,
);

const postpone = toStatement<{ id: number; until: number }>(
  `UPDATE logout_notice SET attempts = attempts + 1, due_at = :until,
     turn = CASE WHEN ended_by_time THEN turn ELSE 1 + (
       SELECT max(turn) FROM logout_notice AS other
       WHERE other.app = logout_notice.app AND other.account_id = logout_notice.account_id
         AND NOT other.ended_by_time) END
   WHERE id = :id`,
);

const isAnyOverdue = toStatement<{ at: number }>(
  'SELECT 1 FROM logout_notice WHERE give_up_at <= :at LIMIT 1',
);
const giveUp = toStatement<AuditContext>(
  `WITH overdue AS (
     SELECT id FROM logout_notice WHERE give_up_at <= :at ORDER BY give_up_at LIMIT ${SLICE_ROWS}
     FOR UPDATE SKIP LOCKED
   ), removed AS (
     DELETE FROM logout_notice WHERE id IN (SELECT id FROM overdue) RETURNING *
   ), record AS (
     ${insertRecords('logout given up', `'after ' || attempts || ' attempts'`)}
   )
   SELECT ${COLUMNS} FROM removed ORDER BY give_up_at, id`,
);

export function postgresLogoutNotices(database: PostgresDatabase): LogoutNoticeStore {
  return {
    appsDue: async (holder, now) => {
      const { rows } = await database.query<{ origin: string }>(...appsDue({ holder, now }));
      return rows.map(({ origin }) => origin);
    },
    due: async (app, holder, now, limit) => {
      const { rows } = await database.write<LogoutNotice>(...due({ app, holder, now, limit }));
      return rows;
    },
    release: async (holder) => void (await database.write(...release({ holder }))),
    delivered: async (notices, context) => {
      await database.write(...delivered({ ids: notices.map(({ id }) => id), ...context }));
    },
    postpone: ({ id, accountId }, until) =>
      database.transact(async (transaction) => {
        await transaction.query(...lockTurnsOf({ accountId }));
        await transaction.query(...postpone({ id, until }));
      }),
    giveUp: async (context) => {
      const { rows: overdue } = await database.query(...isAnyOverdue({ at: context.at }));
      if (overdue.length === 0 || !(await database.isOnTime())) return [];
      return (await database.write<LogoutNotice>(...giveUp(context))).rows;
    },
  };
}
