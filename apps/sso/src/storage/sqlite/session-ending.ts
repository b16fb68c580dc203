/**
 * Ends SSO sessions in SQLite: inserts the notices for their apps, writes the audit records, and deletes the
 * rows. Each is one statement for all sessions, since an account may have a thousand. `end` and `endSurplus`
 * run in the caller's transaction, so that its other changes are part of it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isStorableText, type SqliteDatabase, workInSlice } from '@samesite-sso/core';
import type { EndReason } from '../audit-store.ts';
import { EXPIRY_REASONS, MAX_SESSIONS_PER_ACCOUNT, NOTICE_GRACE_MS } from '../session-store.ts';
import type { AuditContext, ExpiryTimes, SessionChoice } from '../stores.ts';
import type { AuditTrail } from './audit.ts';
import { LONG_SLICE_MS, REST_MS } from './long-slices.ts';
import { prepareWrite } from './write.ts';

export type SessionEnding = ReturnType<typeof sessionEnding>;

/**
 * Inserts one notice for each row of `session_app`, joined to its session. A notice's turn is one after the
 * last of its account, but not before the turn being served. A later account therefore neither overtakes all
 * others nor waits behind every notice of one account.
 */
export const insertNoticesOf = (ending: string) =>
  `INSERT INTO logout_notice (app, sid, account_id, issued_at, ended_by_time, due_at, give_up_at, turn)
   SELECT app, sid, account_id, last_issued_at, 0, :at, max(ends_at, :at) + ${NOTICE_GRACE_MS},
     number_of_account + max(
       coalesce((SELECT min(turn) FROM logout_notice WHERE app = ending.app AND ended_by_time = 0), 0),
       coalesce((SELECT max(turn) + 1 FROM logout_notice
         WHERE app = ending.app AND account_id = ending.account_id AND ended_by_time = 0), 0))
   FROM (
     SELECT app, sid, account_id, last_issued_at, ends_at, session_app.rowid AS position,
       row_number() OVER (PARTITION BY app, account_id ORDER BY session_app.rowid) - 1 AS number_of_account
     FROM ${ending}
   ) AS ending
   ORDER BY position`;

export function sessionEnding(database: SqliteDatabase, audit: AuditTrail) {
  const { sqlite } = database;
  const select = (condition: string) =>
    sqlite.prepare<unknown[], number>(`SELECT rowid FROM sso_session WHERE ${condition}`).pluck();
  const byToken = select('secret_hash = :tokenHash OR replaced_token_hash = :tokenHash');
  const bySids = select(
    'sid IN (SELECT value FROM json_each(:sids)) AND (:accountId IS NULL OR account_id = :accountId)',
  );
  const byApp = select(
    `sid = :sid AND EXISTS
       (SELECT 1 FROM session_app WHERE sid = :sid AND app = :redeemedBy AND has_redeemed = 1)`,
  );
  const ofAccount = select('account_id = :accountId AND sid IS NOT :exceptSid');
  const surplus = select(
    `account_id = :accountId AND sid <> :sid
     ORDER BY last_seen_at DESC LIMIT -1 OFFSET ${MAX_SESSIONS_PER_ACCOUNT - 1}`,
  );
  const inRange = select('rowid > :after AND rowid <= :upTo ORDER BY rowid LIMIT :limit');
  const atMaxLifetime = select('ends_at <= :now ORDER BY ends_at LIMIT :limit');
  const idle = select('last_seen_at <= :idleSince ORDER BY last_seen_at LIMIT :limit');
  const lastRow = sqlite.prepare<[], number | null>('SELECT max(rowid) FROM sso_session').pluck();

  const ending = `sso_session CROSS JOIN session_app USING (sid)
    WHERE sso_session.rowid IN (SELECT value FROM json_each(:rowids))`;
  const insertNotices = sqlite.prepare(insertNoticesOf(ending));
  // No person waits for these notices, so all others are delivered first, and accounts don't take turns.
  const insertExpiryNotices = sqlite.prepare(
    `INSERT INTO logout_notice (app, sid, account_id, issued_at, ended_by_time, due_at, give_up_at)
     SELECT app, sid, account_id, last_issued_at, 1, :at, max(ends_at, :at) + ${NOTICE_GRACE_MS}
     FROM ${ending} ORDER BY session_app.rowid`,
  );
  // ON DELETE CASCADE deletes the list of apps too. Tokens stay until they expire, but can't be redeemed.
  const remove = sqlite.prepare('DELETE FROM sso_session WHERE rowid IN (SELECT value FROM json_each(?))');

  const findRows = (choice: SessionChoice) => {
    const texts = Object.values<unknown>(choice).filter((value) => typeof value === 'string');
    if (!texts.every(isStorableText)) return [];
    if ('tokenHash' in choice) return byToken.all(choice);
    if ('sids' in choice) {
      return bySids.all({ accountId: null, ...choice, sids: JSON.stringify(choice.sids) });
    }
    if ('redeemedBy' in choice) return byApp.all(choice);
    return ofAccount.all({ exceptSid: null, ...choice });
  };
  const endRows = (rows: number[], reason: EndReason, context: AuditContext): number => {
    if (rows.length === 0) return 0;
    const rowids = JSON.stringify(rows);
    const insert = EXPIRY_REASONS.includes(reason) ? insertExpiryNotices : insertNotices;
    insert.run({ rowids, at: context.at });
    audit.appendForSessions(rowids, { kind: 'session ended', detail: reason }, context);
    remove.run(rowids);
    return rows.length;
  };
  const endRange = prepareWrite(
    database,
    (after: number, upTo: number, reason: EndReason, context: AuditContext) => {
      let last = after;
      const batch = (limit: number) => {
        const found = inRange.all({ after: last, upTo, limit });
        last = found.at(-1) ?? upTo;
        return endRows(found, reason, context);
      };
      const { rows, isDone } = workInSlice([batch], { sliceMs: LONG_SLICE_MS });
      return { ended: rows, last: isDone ? upTo : last };
    },
  );

  return {
    /** @returns how many sessions it ended */
    end: (choice: SessionChoice, reason: EndReason, context: AuditContext) =>
      endRows(findRows(choice), reason, context),
    /** Ends the account's least recently used sessions beyond the maximum, but never the one just started. */
    endSurplus: (started: { accountId: string; sid: string }, context: AuditContext) =>
      endRows(surplus.all(started), 'too many sessions', context),
    /** Ends all present sessions, which have lower rowids than newer ones. */
    async *endAll(reason: EndReason, context: AuditContext): AsyncGenerator<number> {
      const upTo = (await database.run(() => lastRow.get())) ?? 0;
      for (let after = 0; after < upTo; await delay(REST_MS)) {
        const { ended, last } = await endRange(after, upTo, reason, context);
        yield ended;
        after = last;
      }
    },
    /** Ends expired sessions in one slice. Takes no write lock if there are none, since it runs often. */
    async endExpired({ now, idleSince }: ExpiryTimes): Promise<number> {
      const hasExpired = await database.run(
        () =>
          atMaxLifetime.get({ now, limit: 1 }) !== undefined ||
          idle.get({ idleSince, limit: 1 }) !== undefined,
      );
      if (!hasExpired) return 0;
      const context: AuditContext = { at: now, actor: 'service', address: null };
      const { rows } = await database.runInBackground(() =>
        workInSlice([
          (limit) => endRows(atMaxLifetime.all({ now, limit }), 'maximum lifetime', context),
          (limit) => endRows(idle.all({ idleSince, limit }), 'idle timeout', context),
        ]),
      );
      return rows;
    },
  };
}
