/** Authentication tokens in SQLite: the guarantees are those of `TokenStore`. */
import type { Database } from '@samesite-sso/core';
import type { AuditContext, InactiveReason, TokenStore } from '../stores.ts';
import type { AuditTrail } from './sqlite-audit.ts';
import { sessionBySid } from './sqlite-sessions.ts';

interface TokenRow {
  sid: string;
  app: string;
  expiresAt: number;
  redeemedAt: number | null;
}

export function sqliteTokens(database: Database, audit: AuditTrail): TokenStore {
  const { sqlite } = database;
  const findSession = sessionBySid(database);
  const insert = sqlite.prepare(
    `INSERT INTO authentication_token (hash, app, sid, expires_at)
     SELECT :hash, :app, sid, :expiresAt FROM sso_session WHERE sid = :sid`,
  );
  const noteApp = sqlite.prepare(
    'INSERT INTO session_app (sid, app) VALUES (:sid, :app) ON CONFLICT (sid, app) DO NOTHING',
  );
  const noteRedeemed = sqlite.prepare(
    'UPDATE session_app SET has_redeemed = 1 WHERE sid = :sid AND app = :app AND has_redeemed = 0',
  );
  // One statement finds, checks and spends: between a check and a later mark a second caller would slip in.
  const spend = sqlite.prepare<unknown[], { sid: string }>(
    `UPDATE authentication_token SET redeemed_at = :now
     WHERE hash = :hash AND app = :app AND redeemed_at IS NULL AND expires_at > :now
       AND EXISTS (
         SELECT 1 FROM sso_session
         WHERE sid = authentication_token.sid AND ends_at > :now AND last_seen_at > :idleSince
       )
     RETURNING sid`,
  );
  const find = sqlite.prepare<[Buffer], TokenRow>(
    `SELECT sid, app, expires_at AS expiresAt, redeemed_at AS redeemedAt FROM authentication_token
     WHERE hash = ?`,
  );

  const issue = sqlite.transaction(
    ({ hash, app, sid, expiresAt }: Parameters<TokenStore['issue']>[0], context: AuditContext) => {
      if (insert.run({ hash, app, sid, expiresAt }).changes === 0) return false;
      noteApp.run({ sid, app });
      audit.append({ kind: 'token issued', sid, app }, context);
      return true;
    },
  );
  const redeem = sqlite.transaction((hash: Buffer, app: string, idleSince: number, context: AuditContext) => {
    const now = context.at;
    const spent = spend.get({ hash, app, now, idleSince });
    const session = spent === undefined ? null : findSession(spent.sid);
    if (session !== null) {
      noteRedeemed.run({ sid: session.sid, app });
      audit.append({ kind: 'token redeemed', sid: session.sid, app }, context);
      return { session };
    }
    const stored = find.get(hash);
    // A token outlives its session until it is purged. It is worth as much as an unknown one.
    const token = stored !== undefined && findSession(stored.sid) !== null ? stored : undefined;
    const fault = faultOf(token, app, now);
    audit.append({ kind: 'token refused', app, detail: fault, ...(token && { sid: token.sid }) }, context);
    return { fault };
  });

  return {
    issue: (...token) => database.run(() => issue.immediate(...token)),
    redeem: (...token) => database.run(() => redeem.immediate(...token)),
  };
}

/** Why a token was not to be spent. */
function faultOf(token: TokenRow | undefined, app: string, now: number): InactiveReason {
  if (token === undefined) return 'unknown, or its session has ended';
  if (token.app !== app) return 'issued to another app';
  if (token.redeemedAt !== null) return 'spent';
  return token.expiresAt <= now ? 'expired' : 'its session has run out';
}
