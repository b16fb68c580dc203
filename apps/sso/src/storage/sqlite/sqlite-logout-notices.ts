/** `LogoutNoticeStore` in SQLite. `session-ending.ts` inserts the notices. */
import { type Database, MAX_BACKOFF_MS } from '@samesite-sso/core';
import type { AuditContext, LogoutNotice, LogoutNoticeStore } from '../stores.ts';
import type { AuditTrail } from './sqlite-audit.ts';
import { prepareWrite } from './write.ts';

const COLUMNS = 'id, app, sid, account_id AS accountId, attempts';

export function sqliteLogoutNotices(database: Database, audit: AuditTrail): LogoutNoticeStore {
  const { sqlite } = database;
  const findDue = sqlite.prepare<unknown[], LogoutNotice>(
    `SELECT ${COLUMNS} FROM logout_notice
     WHERE app = :app AND (due_at <= :now OR due_at > :now + ${MAX_BACKOFF_MS})
     ORDER BY ended_by_time, turn, due_at, id LIMIT :limit`,
  );
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
    due: (appOrigin, now, limit) => database.run(() => findDue.all({ app: appOrigin, now, limit })),
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
