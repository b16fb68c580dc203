/**
 * How an SSO session ends in SQLite, whatever ends it: notices for its apps, a record, and the session with its
 * tokens, always together. It opens no transaction of its own: what else happens is its callers'.
 */
import type { Database } from '@samesite-sso/service';
import type { EndReason } from '../../audit/audit-event.ts';
import type { Act, SessionChoice } from '../stores.ts';
import type { AuditTrail } from './audit.ts';

/**
 * Milliseconds for which a notice is tried beyond the latest end of its session: an app's clock may be slow,
 * and an app that was just starting anew should hear of a session that ran out, too.
 */
const GRACE = 60_000;
/** Overdue sessions ended in one transaction, so that it never holds the lock for long. */
const AT_ONCE = 200;
/** Sessions that one account can have. They are listed and ended all at once, while everybody else waits. */
const MOST = 1000;

/** Such sessions are over for their person already: their notices come after those that somebody waits for. */
const BY_TIME: readonly EndReason[] = ['unused for too long', 'reached its latest end'];

interface Ending {
  sid: string;
  accountId: string;
  endsAt: number;
}

export interface SessionEnding {
  /** @returns how many sessions it ended */
  end(choice: SessionChoice, why: EndReason, act: Act): number;
  /** Ends those of the account beyond the most that it can have, the last seen last and never the one that was just started. */
  endSurplus(started: { accountId: string; sid: string }, act: Act): number;
  /** Whether there is one: asked often, and answered without the write lock. */
  isOverdue(time: { now: number; idleSince: number }): boolean;
  endOverdue(time: { now: number; idleSince: number }): number;
}

export function sessionEnding(database: Database, audit: AuditTrail): SessionEnding {
  const select = (condition: string) =>
    database.sqlite.prepare<unknown[], Ending>(
      `SELECT sid, account_id AS accountId, ends_at AS endsAt FROM sso_session WHERE ${condition}`,
    );
  const bySecret = select('secret_hash = :secretHash');
  const bySids = select(
    'sid IN (SELECT value FROM json_each(:sids)) AND (:accountId IS NULL OR account_id = :accountId)',
  );
  const everybodys = select('TRUE');
  const ofAccount = select('account_id = :accountId AND sid IS NOT :exceptSid');
  const surplus = select(
    `account_id = :accountId AND sid <> :sid ORDER BY last_seen_at DESC LIMIT -1 OFFSET ${MOST - 1}`,
  );
  const atTheirEnd = select(`ends_at <= :now ORDER BY ends_at LIMIT ${AT_ONCE}`);
  const unused = select(`last_seen_at <= :idleSince ORDER BY last_seen_at LIMIT ${AT_ONCE}`);
  const leaveNotices = database.sqlite.prepare(
    `INSERT INTO logout_notice (app, sid, account_id, ended_by_time, due_at, give_up_at)
     SELECT app, :sid, :accountId, :isByTime, :at, max(:endsAt, :at) + ${GRACE} FROM session_app WHERE sid = :sid
     ORDER BY rowid`,
  );
  const remove = database.sqlite.prepare('DELETE FROM sso_session WHERE sid = ?'); // Its tokens go with it.

  const choose = (choice: SessionChoice) => {
    if ('secretHash' in choice) return bySecret.all(choice);
    if ('sids' in choice) {
      return bySids.all({ accountId: null, ...choice, sids: JSON.stringify(choice.sids) });
    }
    if ('all' in choice) return everybodys.all();
    return ofAccount.all({ exceptSid: null, ...choice });
  };
  const endAll = (endings: Ending[], why: EndReason, act: Act) => {
    for (const { sid, accountId, endsAt } of endings) {
      leaveNotices.run({ sid, accountId, endsAt, at: act.at, isByTime: BY_TIME.includes(why) ? 1 : 0 });
      audit.append({ kind: 'session ended', accountId, sid, detail: why }, act);
      remove.run(sid);
    }
    return endings.length;
  };

  return {
    isOverdue: ({ now, idleSince }) =>
      atTheirEnd.get({ now }) !== undefined || unused.get({ idleSince }) !== undefined,
    end: (choice, why, act) => endAll(choose(choice), why, act),
    endSurplus: ({ accountId, sid }, act) => endAll(surplus.all({ accountId, sid }), 'one of too many', act),
    endOverdue: ({ now, idleSince }) => {
      const act: Act = { at: now, by: 'service', address: null };
      const ended = endAll(atTheirEnd.all({ now }), 'reached its latest end', act);
      return ended + endAll(unused.all({ idleSince }), 'unused for too long', act);
    },
  };
}
