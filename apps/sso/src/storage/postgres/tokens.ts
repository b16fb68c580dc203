/**
 * `TokenStore` in PostgreSQL. Each step is one statement, so it costs one round trip. The parts of a
 * statement see the rows as they were when it began. Only a part that locks a row waits for another
 * instance's change of it, and sees the change. So the token is locked against a parallel
 * redemption, and the session against its end.
 */
import { type PostgresDatabase, toStatement } from '@samesite-sso/core';
import type { InactiveReason, SsoSession, TokenStore } from '../stores.ts';
import { hashJti } from './client-assertions.ts';

/**
 * An instance that ends the session waits for the lock, and then finds the app in `session_app`. If it was
 * first, the session is gone once the lock is free, and nothing is stored.
 */
const issue = toStatement<Record<'hash' | 'app' | 'sid' | 'expiresAt' | 'at' | 'actor' | 'address', unknown>>(
  `WITH session AS (
     SELECT sid, account_id FROM sso_session WHERE sid = :sid FOR KEY SHARE
   ), token AS (
     INSERT INTO authentication_token (hash, app, sid, expires_at)
     SELECT :hash::bytea, :app, sid, :expiresAt::bigint FROM session
   ), app AS (
     INSERT INTO session_app (sid, app, last_issued_at) SELECT sid, :app, :at::bigint FROM session
     ON CONFLICT (sid, app) DO UPDATE
     SET last_issued_at = greatest(session_app.last_issued_at, excluded.last_issued_at)
   ), record AS (
     INSERT INTO audit_record (at, kind, act_by, address, account_id, username, sid, app)
     SELECT :at, 'token issued', :actor, :address, account_id, username, sid, :app
     FROM session JOIN account ON account.id = account_id
   )
   SELECT sid FROM session`,
);

interface Verdict {
  inactiveReason: InactiveReason | null;
  sid: string;
  lastSeenAt: number;
  endsAt: number;
  id: string;
  username: string;
  displayName: string;
}

/**
 * Of parallel callers with one assertion, one gets a row from `assertion`; the others wait for its commit and
 * get nothing, so nothing else happens. Of parallel callers with one token, each locks it in turn, and sees
 * whether an earlier one has redeemed it.
 */
const redeem = toStatement<
  Record<'hash' | 'app' | 'jtiHash' | 'expiresAt' | 'idleSince' | 'at' | 'actor' | 'address', unknown>
>(
  `WITH assertion AS (
     INSERT INTO client_assertion (app, jti_hash, expires_at) VALUES (:app, :jtiHash, :expiresAt)
     ON CONFLICT (app, jti_hash) DO NOTHING
     RETURNING app
   ), token AS (
     SELECT token.sid, token.app, token.expires_at, token.redeemed_at
     FROM authentication_token AS token, assertion WHERE token.hash = :hash
     FOR UPDATE OF token
   ), session AS (
     SELECT session.sid, session.account_id, session.last_seen_at, session.ends_at
     FROM sso_session AS session JOIN token ON token.sid = session.sid
     FOR KEY SHARE OF session
   ), verdict AS (
     SELECT session.sid, session.last_seen_at, session.ends_at, account.id, account.username,
       account.display_name,
       CASE
         WHEN session.sid IS NULL THEN 'unknown token or ended session'
         WHEN token.app <> :app THEN 'issued to another app'
         WHEN token.redeemed_at IS NOT NULL THEN 'already redeemed'
         WHEN token.expires_at <= :at THEN 'expired'
         WHEN session.ends_at <= :at OR session.last_seen_at <= :idleSince THEN 'session expired'
       END AS inactive_reason
     FROM assertion LEFT JOIN token ON TRUE LEFT JOIN session ON TRUE
       LEFT JOIN account ON account.id = session.account_id
   ), redeemed AS (
     UPDATE authentication_token SET redeemed_at = :at FROM verdict
     WHERE hash = :hash AND inactive_reason IS NULL
   ), app AS (
     UPDATE session_app SET has_redeemed = TRUE
     WHERE sid = (SELECT sid FROM verdict WHERE inactive_reason IS NULL) AND app = :app AND NOT has_redeemed
   ), record AS (
     INSERT INTO audit_record (at, kind, act_by, address, account_id, username, sid, app, detail)
     SELECT :at, CASE WHEN inactive_reason IS NULL THEN 'token redeemed' ELSE 'token refused' END,
       :actor, :address, id, username, sid, :app, inactive_reason
     FROM verdict
   )
   SELECT inactive_reason AS "inactiveReason", sid, last_seen_at AS "lastSeenAt", ends_at AS "endsAt", id,
     username, display_name AS "displayName"
   FROM verdict`,
);

export function postgresTokens(database: PostgresDatabase): TokenStore {
  return {
    issue: async (token, context) => {
      const { rows } = await database.write(...issue({ ...token, ...context }));
      return rows.length === 1;
    },
    redeem: async (hash, { app, jti, expiresAt }, idleSince, context) => {
      const values = { hash, app, jtiHash: hashJti(jti), expiresAt, idleSince, ...context };
      const { rows } = await database.write<Verdict>(...redeem(values));
      const [verdict] = rows;
      if (verdict === undefined) return null;
      if (verdict.inactiveReason !== null) return { inactiveReason: verdict.inactiveReason };
      return { session: toSession(verdict) };
    },
  };
}

function toSession({ sid, lastSeenAt, endsAt, id, username, displayName }: Verdict): SsoSession {
  return { sid, lastSeenAt, endsAt, account: { id, username, displayName } };
}
