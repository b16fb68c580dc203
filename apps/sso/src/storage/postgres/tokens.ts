/**
 * `TokenStore` in PostgreSQL. Each step is one statement, so it costs one round trip. The parts of a
 * statement see the rows as they were when it began. Only a part that locks a row waits for another
 * instance's change of it, and sees the change. So the token is locked against a parallel
 * redemption, and the session against its end.
 */
import { type PostgresDatabase, toStatement } from '@samesite-sso/core';
import { TWO_FACTOR_AMR } from '../sign-in-proofs.ts';
import type {
  AppRequirement,
  AuditContext,
  InactiveReason,
  IssueRefusal,
  NewToken,
  TokenStore,
} from '../stores.ts';
import { MAX_CLOCK_DIFFERENCE_MS, toIssuableAt } from '../token-store.ts';
import { hashJti } from './client-assertions.ts';
import { AUTHENTICATED_AT, type SessionRow, toSession } from './sessions.ts';

/** Whether the session's sign-in meets the app's requirement. */
const IS_STRONG_ENOUGH = `(NOT :secondFactor OR session.amr LIKE ${TWO_FACTOR_AMR})`;

/**
 * An instance that ends the session waits for the lock, and then finds the app in `session_app`. If it was
 * first, the session is gone once the lock is free, and nothing is stored. The same is true of one that
 * removes the account from the group: the membership is locked, too. One that ends an app's access updates
 * the session, so that its `lost_token_at` is read after the wait.
 */
const issue = toStatement<NewToken & AppRequirement & AuditContext>(
  `WITH session AS (
     SELECT sid, account_id, amr, lost_token_at FROM sso_session WHERE sid = :sid FOR KEY SHARE
   ), membership AS (
     SELECT name FROM account_group
     WHERE account_id = (SELECT account_id FROM session) AND name = ANY (:groups::text[])
     ORDER BY name LIMIT 1 FOR KEY SHARE
   ), verdict AS (
     SELECT sid, account_id, lost_token_at,
       CASE
         WHEN :groups IS NOT NULL AND NOT EXISTS (SELECT FROM membership) THEN 'not permitted'
         WHEN NOT ${IS_STRONG_ENOUGH} THEN 'second factor missing'
         WHEN :at::bigint < (lost_token_at / 1000 + 1) * 1000
           AND lost_token_at <= :at::bigint + ${MAX_CLOCK_DIFFERENCE_MS} THEN 'too early'
       END AS refusal
     FROM session
   ), admitted AS (
     SELECT sid, account_id FROM verdict WHERE refusal IS NULL
   ), token AS (
     INSERT INTO authentication_token (hash, app, sid, expires_at, session_token_hash)
     SELECT :hash::bytea, :app, sid, :expiresAt::bigint, :sessionTokenHash::bytea FROM admitted
   ), app AS (
     INSERT INTO session_app (sid, app, last_issued_at) SELECT sid, :app, :at::bigint FROM admitted
     ON CONFLICT (sid, app) DO UPDATE
     SET last_issued_at = greatest(session_app.last_issued_at, excluded.last_issued_at)
   ), record AS (
     INSERT INTO audit_record (at, kind, act_by, address, account_id, username, sid, app)
     SELECT :at, 'token issued', :actor, :address, account_id, username, sid, :app
     FROM admitted JOIN account ON account.id = account_id
   )
   SELECT refusal, lost_token_at AS "lostTokenAt" FROM verdict`,
);

interface Verdict extends SessionRow {
  inactiveReason: InactiveReason | null;
  groups: string[];
}

/**
 * Of parallel callers with one assertion, one gets a row from `assertion`; the others wait for its commit and
 * get nothing, so nothing else happens. Of parallel callers with one token, each locks it in turn, and sees
 * whether an earlier one has redeemed it.
 */
const redeem = toStatement<
  Record<'hash' | 'app' | 'jtiHash' | 'expiresAt' | 'idleSince' | 'at' | 'actor' | 'address', unknown> &
    AppRequirement
>(
  `WITH assertion AS (
     INSERT INTO client_assertion (app, jti_hash, expires_at) VALUES (:app, :jtiHash, :expiresAt)
     ON CONFLICT (app, jti_hash) DO NOTHING
     RETURNING app
   ), token AS (
     SELECT token.sid, token.app, token.expires_at, token.redeemed_at, token.session_token_hash
     FROM authentication_token AS token, assertion WHERE token.hash = :hash
     FOR UPDATE OF token
   ), session AS (
     SELECT session.sid, session.account_id, session.last_seen_at, session.ends_at, session.amr,
       session.token_hash,
       ${AUTHENTICATED_AT} AS authenticated_at,
       ARRAY (SELECT name FROM account_group WHERE account_id = session.account_id ORDER BY name) AS groups
     FROM sso_session AS session JOIN token ON token.sid = session.sid
     FOR KEY SHARE OF session
   ), verdict AS (
     SELECT session.*, account.username, account.display_name,
       CASE
         WHEN session.sid IS NULL THEN 'unknown token or ended session'
         WHEN token.app <> :app THEN 'issued to another app'
         WHEN token.redeemed_at IS NOT NULL THEN 'already redeemed'
         WHEN token.expires_at <= :at THEN 'expired'
         WHEN session.ends_at <= :at OR session.last_seen_at <= :idleSince THEN 'session expired'
         WHEN token.session_token_hash <> session.token_hash THEN 'session renewed'
         WHEN :groups::text[] IS NOT NULL AND NOT session.groups && :groups::text[] OR NOT ${IS_STRONG_ENOUGH}
           THEN 'not permitted'
       END AS inactive_reason
     FROM assertion LEFT JOIN token ON TRUE LEFT JOIN session ON TRUE
       LEFT JOIN account ON account.id = session.account_id
   ), redeemed AS (
     UPDATE authentication_token SET redeemed_at = :at FROM verdict
     WHERE hash = :hash AND inactive_reason IS NULL
   ), app AS (
     UPDATE session_app SET has_redeemed = TRUE, weakest_amr = verdict.amr FROM verdict
     WHERE inactive_reason IS NULL AND session_app.sid = verdict.sid AND app = :app
       AND (NOT has_redeemed
         OR weakest_amr LIKE ${TWO_FACTOR_AMR} AND verdict.amr NOT LIKE ${TWO_FACTOR_AMR})
   ), record AS (
     INSERT INTO audit_record (at, kind, act_by, address, account_id, username, sid, app, detail)
     SELECT :at, CASE WHEN inactive_reason IS NULL THEN 'token redeemed' ELSE 'token refused' END,
       :actor, :address, account_id, username, sid, :app, inactive_reason
     FROM verdict
   )
   SELECT inactive_reason AS "inactiveReason", sid, last_seen_at AS "lastSeenAt", ends_at AS "endsAt",
     authenticated_at AS "authenticatedAt", amr, groups, account_id AS "accountId", username,
     display_name AS "displayName"
   FROM verdict`,
);

export function postgresTokens(database: PostgresDatabase): TokenStore {
  return {
    issue: async (token, required, context) => {
      const { rows } = await database.write<{
        refusal: IssueRefusal | 'too early' | null;
        lostTokenAt: number;
      }>(...issue({ ...token, ...required, ...context }));
      const [verdict] = rows;
      if (verdict === undefined) return 'session ended';
      const { refusal, lostTokenAt } = verdict;
      return refusal === 'too early' ? { issuableAt: toIssuableAt(lostTokenAt) } : refusal;
    },
    redeem: async (hash, { app, jti, expiresAt }, required, idleSince, context) => {
      const values = { hash, app, jtiHash: hashJti(jti), expiresAt, idleSince, ...required, ...context };
      const { rows } = await database.write<Verdict>(...redeem(values));
      const [verdict] = rows;
      if (verdict === undefined) return null;
      if (verdict.inactiveReason !== null) return { inactiveReason: verdict.inactiveReason };
      return { session: toSession(verdict), groups: verdict.groups };
    },
  };
}
