/** `TokenStore` in SQLite. */
import type { SqliteDatabase } from '@samesite-sso/core';
import type { InactiveReason, TokenStore } from '../stores.ts';
import type { AuditTrail } from './audit.ts';
import type { prepareAcceptAssertion } from './client-assertions.ts';
import { prepareFindBySid } from './sessions.ts';
import { prepareWrite } from './write.ts';

interface TokenRow {
  sid: string;
  app: string;
  expiresAt: number;
  redeemedAt: number | null;
}

export function sqliteTokens(
  database: SqliteDatabase,
  audit: AuditTrail,
  acceptAssertion: ReturnType<typeof prepareAcceptAssertion>,
): TokenStore {
  const { sqlite } = database;
  const findSession = prepareFindBySid(database);
  const insert = sqlite.prepare(
    `INSERT INTO authentication_token (hash, app, sid, expires_at)
     SELECT :hash, :app, sid, :expiresAt FROM sso_session WHERE sid = :sid`,
  );
  const insertApp = sqlite.prepare(
    `INSERT INTO session_app (sid, app, last_issued_at) VALUES (:sid, :app, :at)
     ON CONFLICT (sid, app) DO UPDATE SET last_issued_at = max(last_issued_at, excluded.last_issued_at)`,
  );
  const markApp = sqlite.prepare(
    'UPDATE session_app SET has_redeemed = 1 WHERE sid = :sid AND app = :app AND has_redeemed = 0',
  );
  // Checks and redeems in one statement, so that no second caller gets in between.
  const markRedeemed = sqlite.prepare<unknown[], { sid: string }>(
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

  return {
    issue: prepareWrite(database, ({ hash, app, sid, expiresAt }, context) => {
      if (insert.run({ hash, app, sid, expiresAt }).changes === 0) return false;
      insertApp.run({ sid, app, at: context.at });
      audit.append({ kind: 'token issued', sid, app }, context);
      return true;
    }),
    redeem: prepareWrite(database, (hash, assertion, idleSince, context) => {
      if (!acceptAssertion(assertion)) return null;
      const { app } = assertion;
      const now = context.at;
      const redeemed = markRedeemed.get({ hash, app, now, idleSince });
      const session = redeemed === undefined ? null : findSession(redeemed.sid);
      if (session !== null) {
        markApp.run({ sid: session.sid, app });
        audit.append({ kind: 'token redeemed', sid: session.sid, app }, context);
        return { session };
      }
      const stored = find.get(hash);
      // Tokens stay after their session has ended, until they are purged. Such a token counts as unknown.
      const token = stored !== undefined && findSession(stored.sid) !== null ? stored : undefined;
      const inactiveReason = findInactiveReason(token, app, now);
      const event = { kind: 'token refused', app, detail: inactiveReason } as const;
      audit.append({ ...event, ...(token && { sid: token.sid }) }, context);
      return { inactiveReason };
    }),
  };
}

function findInactiveReason(token: TokenRow | undefined, appOrigin: string, now: number): InactiveReason {
  if (token === undefined) return 'unknown token or ended session';
  if (token.app !== appOrigin) return 'issued to another app';
  if (token.redeemedAt !== null) return 'already redeemed';
  return token.expiresAt <= now ? 'expired' : 'session expired';
}
