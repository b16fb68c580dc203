/** `TokenStore` in SQLite. */
import type { SqliteDatabase } from '@samesite-sso/core';
import { countFactors } from '@samesite-sso/protocol';
import { TWO_FACTOR_AMR } from '../sign-in-proofs.ts';
import type { AppRequirement, InactiveReason, SsoSession, TokenStore } from '../stores.ts';
import { MAX_CLOCK_DIFFERENCE_MS, toIssuableAt } from '../token-store.ts';
import type { AuditTrail } from './audit.ts';
import type { prepareAcceptAssertion } from './client-assertions.ts';
import { prepareFindGroups } from './groups.ts';
import { prepareFindBySid } from './sessions.ts';
import { prepareWrite } from './write.ts';

interface TokenRow {
  sid: string;
  app: string;
  expiresAt: number;
  redeemedAt: number | null;
  /** Whether the session still has the token with which this one was issued. */
  isCurrent: 0 | 1;
}

export function sqliteTokens(
  database: SqliteDatabase,
  audit: AuditTrail,
  acceptAssertion: ReturnType<typeof prepareAcceptAssertion>,
): TokenStore {
  const { sqlite } = database;
  const findSession = prepareFindBySid(database);
  const findGroups = prepareFindGroups(database);
  const insert = sqlite.prepare(
    `INSERT INTO authentication_token (hash, app, sid, expires_at, session_token_hash)
     VALUES (:hash, :app, :sid, :expiresAt, :sessionTokenHash)`,
  );
  const insertApp = sqlite.prepare(
    `INSERT INTO session_app (sid, app, last_issued_at) VALUES (:sid, :app, :at)
     ON CONFLICT (sid, app) DO UPDATE SET last_issued_at = max(last_issued_at, excluded.last_issued_at)`,
  );
  const markApp = sqlite.prepare(
    `UPDATE session_app SET has_redeemed = 1, weakest_amr = :amr
     WHERE sid = :sid AND app = :app AND
       (has_redeemed = 0 OR weakest_amr LIKE ${TWO_FACTOR_AMR} AND :amr NOT LIKE ${TWO_FACTOR_AMR})`,
  );
  const findLostTokenAt = sqlite
    .prepare<unknown[], number>(
      `SELECT lost_token_at FROM sso_session WHERE sid = :sid
       AND :at < (lost_token_at / 1000 + 1) * 1000 AND lost_token_at <= :at + ${MAX_CLOCK_DIFFERENCE_MS}`,
    )
    .pluck();
  const markRedeemed = sqlite.prepare('UPDATE authentication_token SET redeemed_at = :at WHERE hash = :hash');
  const find = sqlite.prepare<[Buffer], TokenRow>(
    `SELECT sid, app, expires_at AS expiresAt, redeemed_at AS redeemedAt,
       coalesce(session_token_hash =
         (SELECT secret_hash FROM sso_session WHERE sid = authentication_token.sid), 1) AS isCurrent
     FROM authentication_token WHERE hash = ?`,
  );

  // Each write holds the lock of the database from its beginning, so no other one gets in between what it
  // reads and what it changes.
  return {
    issue: prepareWrite(database, (token, required, context) => {
      const { app, sid } = token;
      const session = findSession(sid);
      if (session === null) return 'session ended';
      const unmet = findUnmet(session, findGroups(session.account.id), required);
      if (unmet !== null) return unmet;
      const lostTokenAt = findLostTokenAt.get({ sid, at: context.at });
      if (lostTokenAt !== undefined) return { issuableAt: toIssuableAt(lostTokenAt) };
      insert.run(token);
      insertApp.run({ sid, app, at: context.at });
      audit.append({ kind: 'token issued', sid, app }, context);
      return null;
    }),
    redeem: prepareWrite(database, (hash, assertion, required, idleSince, context) => {
      if (!acceptAssertion(assertion)) return null;
      const { app } = assertion;
      const { at } = context;
      const token = find.get(hash);
      // Tokens stay after their session has ended, until they are purged. Such a token counts as unknown.
      const session = token === undefined ? null : findSession(token.sid);
      const refuse = (inactiveReason: InactiveReason) => {
        const event = { kind: 'token refused', app, detail: inactiveReason } as const;
        audit.append({ ...event, ...(session && { sid: session.sid }) }, context);
        return { inactiveReason };
      };
      if (token === undefined || session === null) return refuse('unknown token or ended session');
      if (token.app !== app) return refuse('issued to another app');
      if (token.redeemedAt !== null) return refuse('already redeemed');
      if (token.expiresAt <= at) return refuse('expired');
      if (session.endsAt <= at || session.lastSeenAt <= idleSince) return refuse('session expired');
      if (token.isCurrent === 0) return refuse('session renewed');
      const groups = findGroups(session.account.id);
      if (findUnmet(session, groups, required) !== null) return refuse('not permitted');
      markRedeemed.run({ hash, at });
      markApp.run({ sid: session.sid, app, amr: session.amr.join(' ') });
      audit.append({ kind: 'token redeemed', sid: session.sid, app }, context);
      return { session, groups };
    }),
  };
}

/** @returns what the app requires and the session doesn't have. Without access, no second factor helps. */
function findUnmet(
  { amr }: SsoSession,
  groups: readonly string[],
  { groups: required, secondFactor }: AppRequirement,
): 'not permitted' | 'second factor missing' | null {
  if (required !== null && !groups.some((group) => required.includes(group))) return 'not permitted';
  return secondFactor && countFactors(amr) < 2 ? 'second factor missing' : null;
}
