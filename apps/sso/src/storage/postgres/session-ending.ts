/**
 * Ends SSO sessions in PostgreSQL: inserts the notices for their apps, writes the audit records, and deletes
 * the rows, each for all sessions in one statement.
 *
 * First, a separate statement locks the sessions. It waits for any instance that is issuing a token of them
 * (`tokens.ts`). A statement doesn't see what was committed after it began, so only the next one finds the
 * app of that token. Sessions are always locked in the order of their sids, and after any account, so that
 * instances can't deadlock.
 *
 * The locking statement stores the sessions in a setting of the transaction, where the following ones find
 * them. So all statements are sent in one round trip, and none is awaited while the locks are held.
 */
import { isStorableText, type Statement, type Transaction, toStatement } from '@samesite-sso/core';
import type { EndReason } from '../audit-store.ts';
import { EXPIRY_REASONS, MAX_SESSIONS_PER_ACCOUNT, NOTICE_GRACE_MS } from '../session-store.ts';
import type { AuditContext, SessionChoice } from '../stores.ts';

const SETTING = 'samesite_sso.ending_sessions';
/** Stores the rows of `locked`, with columns `sid`, `account_id` and `reason`, to {@link endLocked}. */
export const storeLocked = (condition = 'TRUE') =>
  `set_config('${SETTING}', coalesce(json_agg(locked) FILTER (WHERE ${condition}), '[]')::text, TRUE)`;

type Reason = { reason: EndReason };
const lockChosen = (condition: string, result = storeLocked()) =>
  `WITH locked AS (
     SELECT sid, account_id, :reason::text AS reason FROM sso_session WHERE ${condition}
     ORDER BY sid FOR UPDATE
   )
   SELECT ${result} FROM locked`;
const lockByToken = toStatement<Reason & { tokenHash: Buffer }>(
  lockChosen('token_hash = :tokenHash OR replaced_token_hash = :tokenHash'),
);
const lockBySids = toStatement<Reason & { sids: readonly string[]; accountId: string | null }>(
  lockChosen('sid = ANY (:sids::text[]) AND (:accountId::text IS NULL OR account_id = :accountId)'),
);
const lockByApp = toStatement<Reason & { sid: string; redeemedBy: string }>(
  lockChosen(
    `sid = :sid AND EXISTS
       (SELECT FROM session_app WHERE sid = :sid AND app = :redeemedBy AND has_redeemed)`,
  ),
);
const lockOfAccount = toStatement<Reason & { accountId: string; exceptSid: string | null }>(
  lockChosen('account_id = :accountId AND sid IS DISTINCT FROM :exceptSid::text'),
);
const lockAllOfAccount = toStatement<Reason & { accountId: string; keptSid: string }>(
  lockChosen(
    'account_id = :accountId',
    `${storeLocked('sid <> :keptSid')}, bool_or(sid = :keptSid) AS "isKept"`,
  ),
);

/**
 * Locks what the start of a session ends: the session that it replaces, and the account's least recently used
 * ones beyond the maximum. If the new session hasn't started, nothing ends.
 */
export const lockReplaced = toStatement<{
  presentedTokenHash: Buffer | null;
  accountId: string;
  sid: string;
}>(
  `WITH locked AS (
     SELECT sid, account_id,
       CASE WHEN token_hash = :presentedTokenHash OR replaced_token_hash = :presentedTokenHash
         THEN 'replaced by a new login' ELSE 'too many sessions' END AS reason
     FROM sso_session
     WHERE EXISTS (SELECT FROM sso_session WHERE sid = :sid) AND sid IN (
       SELECT sid FROM sso_session
       WHERE token_hash = :presentedTokenHash OR replaced_token_hash = :presentedTokenHash
       UNION ALL (
         SELECT sid FROM sso_session WHERE account_id = :accountId AND sid <> :sid
         ORDER BY last_seen_at DESC, id DESC OFFSET ${MAX_SESSIONS_PER_ACCOUNT - 1}
       )
     )
     ORDER BY sid FOR UPDATE
   )
   SELECT ${storeLocked()} FROM locked`,
);

/** Locks what ends when the person of an account accepts an invitation. */
export const lockForInvited = toStatement<{ accountId: string; presentedTokenHash: Buffer | null }>(
  `WITH locked AS (
     SELECT sid, account_id, CASE WHEN account_id = :accountId THEN 'invitation accepted'
       ELSE 'replaced by a new login' END AS reason
     FROM sso_session
     WHERE account_id = :accountId OR token_hash = :presentedTokenHash
       OR replaced_token_hash = :presentedTokenHash
     ORDER BY sid FOR UPDATE
   )
   SELECT ${storeLocked()} FROM locked`,
);

const LOCK_TURNS = `pg_advisory_xact_lock(hashtextextended('samesite-sso turns of ' || account_id, 0))`;
/**
 * Waits until no other transaction changes the turns of this account's logout notices: two that computed them
 * at once would use a turn twice. Sessions are locked before turns, never after.
 */
export const lockTurnsOf = toStatement<{ accountId: string }>(
  `SELECT ${LOCK_TURNS} FROM (SELECT :accountId::text AS account_id) AS account`,
);
const ENDING = `current_setting('${SETTING}')::json`;
const lockTurnsOfLocked = toStatement<{ expiryReasons: readonly string[] }>(
  `SELECT ${LOCK_TURNS} FROM (
     SELECT DISTINCT account_id FROM json_to_recordset(${ENDING}) AS locked (account_id text, reason text)
     WHERE reason <> ALL (:expiryReasons::text[]) ORDER BY 1
   ) AS account`,
);

/** The turns of the sessions' accounts, as {@link lockTurnsOf} locks them. */
export const lockTurnsOfSids = toStatement<{ sids: readonly string[] }>(
  `SELECT ${LOCK_TURNS} FROM (
     SELECT DISTINCT account_id FROM sso_session WHERE sid = ANY (:sids::text[]) ORDER BY 1
   ) AS account`,
);

/**
 * In SQL, the turn of a notice for a row of `access`, which is the `number_of_account`th of its account and
 * app. It is one after the last of its account, but not before the turn being served. A later account
 * therefore neither overtakes all others nor waits behind every notice of one account.
 */
export const NEXT_TURN = `number_of_account + greatest(
    0,
    (SELECT min(turn) FROM logout_notice WHERE app = access.app AND NOT ended_by_time),
    (SELECT max(turn) + 1 FROM logout_notice
     WHERE app = access.app AND account_id = access.account_id AND NOT ended_by_time)
  )`;

// No person waits for the notices of expired sessions, so all others are delivered first, and accounts don't
// take turns.
const end = toStatement<AuditContext & { expiryReasons: readonly string[] }>(
  `WITH ending AS (
     SELECT sso_session.*, reason, reason = ANY (:expiryReasons::text[]) AS ended_by_time, position
     FROM ROWS FROM (json_to_recordset(${ENDING}) AS (sid text, reason text))
       WITH ORDINALITY AS locked (sid, reason, position)
     JOIN sso_session USING (sid)
   ), access AS (
     SELECT session_app.id, app, sid, account_id, last_issued_at, ended_by_time,
       greatest(ends_at, :at::bigint) + ${NOTICE_GRACE_MS} AS give_up_at,
       row_number() OVER (PARTITION BY app, account_id, ended_by_time ORDER BY session_app.id) - 1
         AS number_of_account
     FROM ending JOIN session_app USING (sid)
   ), notice AS (
     INSERT INTO logout_notice (app, sid, account_id, issued_at, ended_by_time, due_at, give_up_at, turn)
     SELECT app, sid, account_id, last_issued_at, ended_by_time, :at::bigint, give_up_at,
       CASE WHEN ended_by_time THEN 0 ELSE ${NEXT_TURN} END
     FROM access ORDER BY id
   ), record AS (
     INSERT INTO audit_record (at, kind, act_by, address, account_id, username, sid, detail)
     SELECT :at::bigint, 'session ended', :actor, :address, account_id, username, sid, reason
     FROM ending JOIN account ON account.id = account_id ORDER BY position
   ), app AS (
     DELETE FROM session_app USING ending WHERE session_app.sid = ending.sid
   )
   DELETE FROM sso_session USING ending WHERE sso_session.id = ending.id`,
);

/** The statements that end the sessions which the previous statement locked. The last one counts them. */
export function endLocked(context: AuditContext): Statement[] {
  const expiryReasons = EXPIRY_REASONS;
  return [lockTurnsOfLocked({ expiryReasons }), end({ expiryReasons, ...context })];
}

/** The statements that lock the chosen sessions and end them. The last one counts them. */
export function endChosen(choice: SessionChoice, reason: EndReason, context: AuditContext): Statement[] {
  return [toLock(choice, reason), ...endLocked(context)];
}

function toLock(choice: SessionChoice, reason: EndReason): Statement {
  const texts = Object.values<unknown>(choice).filter((value) => typeof value === 'string');
  if (!texts.every(isStorableText)) return lockBySids({ sids: [], accountId: null, reason });
  if ('tokenHash' in choice) return lockByToken({ ...choice, reason });
  if ('sids' in choice) {
    return lockBySids({ accountId: null, ...choice, sids: choice.sids.filter(isStorableText), reason });
  }
  if ('redeemedBy' in choice) return lockByApp({ ...choice, reason });
  return lockOfAccount({ exceptSid: null, ...choice, reason });
}

/** Runs statements in one round trip. @returns the count of the last one */
export async function runAll(transaction: Transaction, statements: readonly Statement[]): Promise<number> {
  const results = await Promise.all(statements.map((statement) => transaction.query(...statement)));
  return results.at(-1)?.count ?? 0;
}

/**
 * Locks all sessions of an account, so that {@link endLocked} ends all but one. The caller has locked the
 * account.
 *
 * @returns false if the session to keep has ended
 */
export async function lockAllButKept(
  transaction: Transaction,
  accountId: string,
  keptSid: string,
  reason: EndReason,
): Promise<boolean> {
  const { rows } = await transaction.query<{ isKept: boolean | null }>(
    ...lockAllOfAccount({ accountId, keptSid, reason }),
  );
  return rows[0]?.isKept === true;
}
