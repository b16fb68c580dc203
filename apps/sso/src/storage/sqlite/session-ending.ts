/**
 * How SSO sessions end in SQLite, whatever ends them: notices for their apps, records, and the sessions
 * themselves, always together. It works on sets, one statement for each of these: an account may have a
 * thousand sessions that end at once. It opens no transaction of its own: its callers do, with what else they
 * change.
 */
import type { Database } from '@samesite-sso/core';
import type { EndReason } from '../audit-store.ts';
import type { AuditContext, LivingAt, SessionChoice } from '../stores.ts';
import { LONG_SLICE_MS, workInSlice } from './slices.ts';
import type { AuditTrail } from './sqlite-audit.ts';

/**
 * Milliseconds for which a notice is tried beyond the latest end of its session: an app's clock may be slow,
 * and an app that was just starting anew should hear of a session that ran out, too.
 */
const GRACE_MS = 60_000;
/** Sessions that one account can have: they end in one transaction, which others wait for. */
const MAX_SESSIONS_PER_ACCOUNT = 1000;

/** Such sessions are over for their person already: their notices come after those that somebody waits for. */
const BY_TIME: readonly EndReason[] = ['unused for too long', 'reached its latest end'];

/** Everybody's sessions whose rowid is above `after` and at most `upTo`. Rowids grow as sessions start. */
export interface SessionRange {
  after: number;
  upTo: number;
}

export interface SessionEnding {
  /** @returns how many sessions it ended */
  end(choice: SessionChoice, why: EndReason, context: AuditContext): number;
  /** Ends those of the account beyond the most that it can have, the last seen last and never the one that was just started. */
  endSurplus(started: { accountId: string; sid: string }, context: AuditContext): number;
  /** All sessions that there are now. */
  wholeRange(): SessionRange;
  /** Ends some sessions of a range, in one long slice. @returns how many, and the range that is left */
  endSlice(range: SessionRange, why: EndReason, context: AuditContext): { ended: number; left: SessionRange };
  /** Whether there is one: asked often, and answered without the write lock. */
  isOverdue(living: LivingAt): boolean;
  /** Ends overdue sessions, in one slice. @returns how many */
  endOverdue(living: LivingAt): number;
}

export function sessionEnding(database: Database, audit: AuditTrail): SessionEnding {
  const { sqlite } = database;
  const select = (condition: string) =>
    sqlite.prepare<unknown[], number>(`SELECT rowid FROM sso_session WHERE ${condition}`).pluck();
  const bySecret = select('secret_hash = :tokenHash');
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
  const atTheirEnd = select('ends_at <= :now ORDER BY ends_at LIMIT :limit');
  const unused = select('last_seen_at <= :idleSince ORDER BY last_seen_at LIMIT :limit');
  const lastRow = sqlite.prepare<[], number | null>('SELECT max(rowid) FROM sso_session').pluck();

  // A notice's turn is one after the last of its account, but never before the turn that is being served: an
  // account that comes later neither overtakes everybody who waits nor waits behind all notices of one
  // account.
  const leaveNotices = sqlite.prepare(
    `INSERT INTO logout_notice (app, sid, account_id, ended_by_time, due_at, give_up_at, turn)
     SELECT app, sid, account_id, :isByTime, :at, max(ends_at, :at) + ${GRACE_MS},
       number_of_account + max(
         coalesce((SELECT min(turn) FROM logout_notice
           WHERE app = ending.app AND ended_by_time = :isByTime), 0),
         coalesce((SELECT max(turn) + 1 FROM logout_notice
           WHERE app = ending.app AND account_id = ending.account_id AND ended_by_time = :isByTime), 0))
     FROM (
       SELECT app, sid, account_id, ends_at, session_app.rowid AS position,
         row_number() OVER (PARTITION BY app, account_id ORDER BY session_app.rowid) - 1 AS number_of_account
       FROM sso_session CROSS JOIN session_app USING (sid)
       WHERE sso_session.rowid IN (SELECT value FROM json_each(:rowids))
     ) AS ending
     ORDER BY position`,
  );
  // ON DELETE CASCADE deletes the list of their apps, too. Tokens stay until they expire, worth nothing.
  const remove = sqlite.prepare('DELETE FROM sso_session WHERE rowid IN (SELECT value FROM json_each(?))');

  const choose = (choice: SessionChoice) => {
    if ('tokenHash' in choice) return bySecret.all(choice);
    if ('sids' in choice) {
      return bySids.all({ accountId: null, ...choice, sids: JSON.stringify(choice.sids) });
    }
    if ('redeemedBy' in choice) return byApp.all(choice);
    return ofAccount.all({ exceptSid: null, ...choice });
  };
  const endRows = (rows: number[], why: EndReason, context: AuditContext) => {
    if (rows.length === 0) return 0;
    const rowids = JSON.stringify(rows);
    leaveNotices.run({ rowids, at: context.at, isByTime: BY_TIME.includes(why) ? 1 : 0 });
    audit.appendForSessions(rowids, { kind: 'session ended', detail: why }, context);
    remove.run(rowids);
    return rows.length;
  };

  return {
    end: (choice, why, context) => endRows(choose(choice), why, context),
    endSurplus: ({ accountId, sid }, context) =>
      endRows(surplus.all({ accountId, sid }), 'one of too many', context),
    wholeRange: () => ({ after: 0, upTo: lastRow.get() ?? 0 }),
    endSlice: ({ after, upTo }, why, context) => {
      let next = after;
      const batch = (limit: number) => {
        const found = inRange.all({ after: next, upTo, limit });
        next = found.at(-1) ?? upTo;
        return endRows(found, why, context);
      };
      const { rows, isDone } = workInSlice([batch], { sliceMs: LONG_SLICE_MS });
      return { ended: rows, left: { after: isDone ? upTo : next, upTo } };
    },
    isOverdue: ({ now, idleSince }) =>
      atTheirEnd.get({ now, limit: 1 }) !== undefined || unused.get({ idleSince, limit: 1 }) !== undefined,
    endOverdue: ({ now, idleSince }) => {
      const context: AuditContext = { at: now, actor: 'service', address: null };
      const { rows } = workInSlice([
        (limit) => endRows(atTheirEnd.all({ now, limit }), 'reached its latest end', context),
        (limit) => endRows(unused.all({ idleSince, limit }), 'unused for too long', context),
      ]);
      return rows;
    },
  };
}
