/** `LogoutNoticeStore` in SQLite. `session-ending.ts` and `app-access.ts` insert the notices. */
import { MAX_BACKOFF_MS, type SqliteDatabase } from '@samesite-sso/core';
import { LEASE_MS } from '../logout-notice-store.ts';
import type { AuditContext, LogoutNotice, LogoutNoticeStore } from '../stores.ts';
import type { AuditTrail } from './audit.ts';
import { prepareWrite } from './write.ts';

const COLUMNS = 'id, app, sid, account_id AS accountId, attempts, issued_at AS issuedAt';
const IS_DUE = `(due_at <= :now OR due_at > :now + ${MAX_BACKOFF_MS})`;
const IS_IN_FORCE = `leased_until > :now AND leased_until <= :now + ${2 * LEASE_MS}`;

export function sqliteLogoutNotices(database: SqliteDatabase, audit: AuditTrail): LogoutNoticeStore {
  const { sqlite } = database;
  // Jumps from app to app in the index: one that is down may have any number of notices.
  const findAppsDue = sqlite.prepare<unknown[], string>(
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
  findAppsDue.pluck();
  const findDue = sqlite.prepare<unknown[], LogoutNotice>(
    `SELECT ${COLUMNS} FROM logout_notice WHERE app = :app AND ${IS_DUE}
     ORDER BY ended_by_time, turn, due_at, id LIMIT :limit`,
  );
  const findLease = sqlite.prepare(
    `SELECT 1 FROM delivery_lease
     WHERE app = :app AND holder = :holder AND leased_until > :now + ${LEASE_MS / 2} AND ${IS_IN_FORCE}`,
  );
  const takeLease = sqlite.prepare(
    `INSERT INTO delivery_lease (app, holder, leased_until) VALUES (:app, :holder, :now + ${LEASE_MS})
     ON CONFLICT (app) DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until
     WHERE holder = excluded.holder OR NOT (${IS_IN_FORCE})`,
  );
  const release = sqlite.prepare('DELETE FROM delivery_lease WHERE holder = ?');
  const remove = sqlite.prepare('DELETE FROM logout_notice WHERE id = ?');
  const postpone = sqlite.prepare(
    `UPDATE logout_notice SET attempts = attempts + 1, due_at = :until, turn = iif(ended_by_time, turn, 1 + (
       SELECT max(turn) FROM logout_notice AS other
       WHERE other.app = logout_notice.app AND other.account_id = logout_notice.account_id
         AND other.ended_by_time = 0))
     WHERE id = :id`,
  );
  const findOverdue = sqlite.prepare<[number], LogoutNotice>(
    `SELECT ${COLUMNS} FROM logout_notice WHERE give_up_at <= ? ORDER BY give_up_at LIMIT 200`,
  );

  const giveUp = prepareWrite(database, (context: AuditContext) => {
    const notices = findOverdue.all(context.at);
    for (const { id, app, sid, accountId, attempts } of notices) {
      remove.run(id);
      const detail = `after ${attempts} attempts`;
      audit.append({ kind: 'logout given up', accountId, sid, app, detail }, context);
    }
    return notices;
  });

  return {
    appsDue: (holder, now) => database.run(() => findAppsDue.all({ holder, now })),
    due: async (app, holder, now, limit) => {
      const lease = { app, holder, now };
      const find = () => findDue.all({ app, now, limit });
      const { notices, isLeased } = await database.run(() => {
        const notices = find();
        // A lease that lasts long enough isn't prolonged, since each write syncs the disk.
        return { notices, isLeased: notices.length === 0 || findLease.get(lease) !== undefined };
      });
      if (isLeased) return notices;
      return await database.write(() => (takeLease.run(lease).changes === 0 ? [] : find()));
    },
    release: (holder) => database.write(() => void release.run(holder)),
    delivered: prepareWrite(database, (notices, context) => {
      for (const { id, app, sid, accountId, attempts } of notices) {
        if (remove.run(id).changes === 0) continue;
        const detail = attempts === 0 ? {} : { detail: `after ${attempts} failed attempts` };
        audit.append({ kind: 'logout delivered', accountId, sid, app, ...detail }, context);
      }
    }),
    postpone: ({ id }, until) => database.write(() => void postpone.run({ id, until })),
    giveUp: async (context) => {
      const isAnyOverdue = await database.run(() => findOverdue.get(context.at) !== undefined);
      return isAnyOverdue ? await giveUp(context) : [];
    },
  };
}
